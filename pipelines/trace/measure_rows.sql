-- grain: a person row of a measure as it was published, narrowed down to what is asked for
-- inputs: release.person_measures, asked.persons
select
    m.person_key,
    p.person_id,
    m.measure_id,
    m.definition_version,
    m.provider_id,
    m.program_code,
    m.period,
    m.index_on,
    m.window_end_on,
    m.status_code,
    m.numerator,
    m.person_time,
    null::double as amount_usd
from release.person_measures as m
left join asked.persons as p on m.person_key = p.person_key
where
    m.measure_id = $measure_id
    and ($provider_id is null or m.provider_id = $provider_id)
    and ($program_code is null or m.program_code = $program_code)
    and ($period is null or m.period = $period)
    and ($status_code is null or m.status_code = $status_code)
    and ($person_key is null or m.person_key = $person_key)
order by m.person_key, m.index_on, m.period
