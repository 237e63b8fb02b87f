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
    select name, name_part(name) as words from spelled
),

judged as materialized (
    select
        name, words,
        first_name_placeholder(words) as first_kind,
        last_name_placeholder(words) as last_kind,
        without_suffix(words) as bare
    from worded
)

select
    name, words, first_kind, last_kind,
    closed_up(bare) as closed,
    split_part(bare, ' ', 1) as first_token,
    surname_parts(bare) as parts,
    generation_of(trailing_suffix(words)) as generation
from judged
