-- Grain: one row per row of an identity table; a name written in one field fills the fields that are empty.
-- Inputs: linkage.identity_sources, linkage.full_names.
select
    s.* exclude (first_name, middle_name, last_name, full_name),
    coalesce(s.first_name, case when s.last_name is null then f.first_name end) as first_name,
    coalesce(s.middle_name, f.middle_name) as middle_name,
    coalesce(s.last_name, case when s.first_name is null then f.last_name end) as last_name
from linkage.identity_sources as s
left join linkage.full_names as f on s.full_name = f.full_name
