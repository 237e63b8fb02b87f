-- grain: a line of a statement: the agencies' rows of the episodes that its measure looked at in the line's days
-- inputs: stated.lines, terms.looked_at, shared.episode_spans, episodes.episode_sources
-- A line that pays for a provider's quarter rests on all of its members: `countylink trace` walks to each.
with
told as (
    select distinct
        l.line_id,
        concat_ws(' ', e.agency, e.source_table, e.source_key) as source_row
    from stated.lines as l
    inner join terms.looked_at as k on l.measure_id = k.measure_id
    inner join shared.episode_spans as s
        on
            k.episode_kind = s.episode_kind
            and l.person_id = s.person_id
            and l.earned_on >= s.from_on
            and (s.to_on is null or l.index_on <= s.to_on)
    inner join episodes.episode_sources as e on s.episode_kind = e.episode_kind and s.episode_id = e.episode_id
)

select
    line_id,
    string_agg(source_row, '; ' order by source_row) as source_rows
from told
group by line_id
order by line_id
