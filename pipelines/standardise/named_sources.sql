-- Grain: one row per row of an identity table; a name written in one field fills the fields that are empty, or that
-- hold a title only.
-- Inputs: linkage.identity_sources, linkage.full_names.
with told as (
    select
        * replace (
            case when full_name is null then first_name when not is_title(first_name) then first_name end as first_name,
            case when full_name is null then last_name when not is_title(last_name) then last_name end as last_name
        ),
        case when full_name is not null then is_title(first_name) or is_title(last_name) end as is_titled
    from linkage.identity_sources
)

select
    s.* exclude (first_name, middle_name, last_name, full_name, is_titled),
    coalesce(s.first_name, case when s.is_titled or s.last_name is null then f.first_name end) as first_name,
    coalesce(s.middle_name, f.middle_name) as middle_name,
    coalesce(s.last_name, case when s.is_titled or s.first_name is null then f.last_name end) as last_name
from told as s
left join linkage.full_names as f on s.full_name = f.full_name
