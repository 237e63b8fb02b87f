-- grain: a row of a delivery behind an episode or event of a traced person, within the row's window
-- inputs: asked.rows, asked.kinds, shared.episode_spans, episodes.episode_sources,
--         standard.mental_health_services, standard.residential_settings, person_index.person_of_client
with
told as (
    select
        s.episode_kind as kind,
        s.episode_id,
        s.person_id,
        s.from_on,
        s.to_on,
        e.agency,
        e.source_table,
        e.source_key,
        e._delivery_id,
        e._line_number
    from shared.episode_spans as s
    inner join episodes.episode_sources as e on s.episode_kind = e.episode_kind and s.episode_id = e.episode_id
    union all
    select
        'service' as kind,
        s.service_id as episode_id,
        c.person_id,
        s.served_on as from_on,
        s.served_on as to_on,
        s.agency,
        s.source_table,
        s.service_id as source_key,
        s._delivery_id,
        s._line_number
    from standard.mental_health_services as s
    inner join person_index.person_of_client as c using (client_key)
    union all
    select
        'setting' as kind,
        s.setting_id as episode_id,
        c.person_id,
        s.set_on as from_on,
        s.set_on as to_on,
        s.agency,
        s.source_table,
        s.setting_id as source_key,
        s._delivery_id,
        s._line_number
    from standard.residential_settings as s
    inner join person_index.person_of_client as c using (client_key)
)

select distinct
    r.person_id,
    r.row_number,
    t.kind,
    t.episode_id,
    t.from_on,
    t.to_on,
    t.agency,
    t.source_table,
    t.source_key,
    t._delivery_id as delivery_id,
    t._line_number as line_number
from asked.rows as r
inner join asked.kinds as k on r.measure_id = k.measure_id
inner join told as t on r.current_person_id = t.person_id and k.kind = t.kind
where
    (r.window_end_on is null or t.from_on <= r.window_end_on)
    and (t.to_on is null or r.index_on is null or t.to_on >= r.index_on)
order by all
