-- grain: a row of a provider's own client under a clause, and an episode that the measure looked at in its window
-- inputs: outcomes.person_measures, contracts.statement_lines, terms.clauses, terms.looked_at,
--         shared.episode_spans, episodes.episode_sources, standard.partnerships, standard.tenancies,
--         person_index.person_of_client
-- `pays_per` provider_period: the amount is that of the provider's whole quarter, and stands on each of its rows.
-- Of another agency's episodes the provider learns their kind and agency, and neither key nor day.
with
held as (
    select client_key
    from standard.partnerships
    where provider_id = $provider_id
    union
    select client_key
    from standard.tenancies
    where provider_id = $provider_id
),

own_clients as (
    select
        i.person_id,
        i.agency,
        i.client_id
    from person_index.person_of_client as i
    inner join held as h on i.client_key = h.client_key
),

clients as (
    select
        person_id,
        list(distinct agency) as agencies,
        string_agg(client_id, ' ' order by client_id) as client_ids
    from own_clients
    group by person_id
),

judged as (
    select
        t.clause_id,
        t.pays_per,
        m.*,
        c.client_ids,
        c.agencies,
        l.period as statement_period,
        l.amount_usd
    from outcomes.person_measures as m
    inner join terms.clauses as t
        on
            m.measure_id = t.measure_id
            and (t.program_code is null or m.program_code = t.program_code)
            and m.index_on between t.starts_on and t.ends_on
    inner join clients as c on m.person_id = c.person_id
    left join contracts.statement_lines as l
        on
            t.contract_id = l.contract_id
            and t.clause_id = l.clause_id
            -- days and months of one person are lines of one index day, each of its own end
            and (m.person_id = l.person_id or (t.pays_per = 'provider_period' and l.person_id is null))
            and m.provider_id is not distinct from l.provider_id
            and m.index_on = l.index_on
            and m.window_end_on = l.earned_on
    where t.contract_id = $contract_id and m.provider_id = $provider_id
)

select distinct
    j.clause_id,
    j.pays_per,
    j.client_ids,
    j.index_on,
    j.window_end_on,
    j.statement_period,
    j.status_code,
    j.flags,
    coalesce(j.amount_usd, 0)::decimal(18, 2) as amount_usd,
    s.episode_kind,
    e.agency as episode_agency,
    case when list_contains(j.agencies, e.agency) then e.source_key end as source_key,
    case when list_contains(j.agencies, e.agency) then s.from_on end as episode_from_on,
    case when list_contains(j.agencies, e.agency) then s.to_on end as episode_to_on
from judged as j
left join terms.looked_at as k on j.measure_id = k.measure_id
left join shared.episode_spans as s
    on
        k.episode_kind = s.episode_kind
        and j.person_id = s.person_id
        and j.window_end_on >= s.from_on
        and (s.to_on is null or j.index_on <= s.to_on)
left join episodes.episode_sources as e on s.episode_kind = e.episode_kind and s.episode_id = e.episode_id
where $period is null or coalesce(j.statement_period, $period) = $period
order by all
