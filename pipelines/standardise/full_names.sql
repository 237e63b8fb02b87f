-- Grain: one row per distinct name that was written in one field, taken apart.
-- Inputs: linkage.identity_sources.
-- FAMILY, GIVEN MIDDLE or GIVEN MIDDLE FAMILY; one word alone is a given name.
with spelled as (
    select distinct full_name from linkage.identity_sources where full_name is not null
),

worded as materialized (
    select
        full_name,
        contains(full_name, ',') as family_first,
        name_words(split_part(full_name, ',', 1)) as before_comma,
        name_words(split_part(full_name, ',', 2)) as after_comma
    from spelled
)

select
    full_name,
    split_part(case when family_first then after_comma else before_comma end, ' ', 1) as first_name,
    case
        when family_first then nullif(regexp_extract(after_comma, '^[^ ]+ (.+)$', 1), '')
        else nullif(regexp_extract(before_comma, '^[^ ]+ (.+) [^ ]+$', 1), '')
    end as middle_name,
    case
        when family_first then before_comma
        else nullif(regexp_extract(before_comma, '^.+ ([^ ]+)$', 1), '')
    end as last_name
from worded
