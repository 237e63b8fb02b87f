-- Grain: one row per distinct text that stands in a name field, read as words.
-- Inputs: linkage.named_sources.
-- Names repeat, so the costly reading is done once per spelling.
with written as (
    select unnest([first_name, middle_name, last_name]) as name from linkage.named_sources
),

spelled as (
    select distinct name from written where name is not null
),

worded as materialized (
    select name, name_words(name) as words from spelled
),

judged as materialized (
    select name, words, name_placeholder(words) as placeholder_kind, without_suffix(words) as bare from worded
)

select
    name, words, placeholder_kind,
    case when placeholder_kind is null then closed_up(bare) end as closed,
    case when placeholder_kind is null then split_part(bare, ' ', 1) end as first_token,
    case when placeholder_kind is null then surname_parts(bare) end as parts,
    generation_of(trailing_suffix(words)) as generation
from judged
