-- Grain: one row per distinct name that was written in one field, taken apart.
-- Inputs: linkage.identity_sources.
-- FAMILY, GIVEN MIDDLE or GIVEN MIDDLE FAMILY; one word alone is a given name. Titles take no part.
with spelled as (
    select distinct full_name from linkage.identity_sources where full_name is not null
),

read as materialized (
    select full_name, whole_name(full_name) as name from spelled
),

parted as (
    select
        full_name,
        trim(case when contains(name, ',') then split_part(name, ',', 1) else surname_at_end(name) end) as family,
        trim(case
            when contains(name, ',') then without_title_before(trim(split_part(name, ',', 2)))
            else left(name, length(name) - length(surname_at_end(name)))
        end) as given
    from read
)

select
    full_name,
    nullif(split_part(given, ' ', 1), '') as first_name,
    nullif(regexp_extract(given, '^[^ ]+ +(.+)$', 1), '') as middle_name,
    nullif(family, '') as last_name
from parted
