-- Grain: one row per role of which something was given and nothing is left to compare, placeholders apart.
-- Inputs: linkage.identity_sources, linkage.identity_fields.
with given as (
    select
        count(birth_date) as birth_date, count(ssn) as ssn, count(ssn_last4) as ssn_last4, count(sex_written) as sex,
        count(phone) as phone, count(address_line) as address_line, count(city) as city, count(zip_code) as zip_code,
        count(first_name) as first_name, count(middle_name) as middle_name, count(last_name) as last_name,
        count(full_name) as full_name, count(name_suffix) as name_suffix
    from linkage.identity_sources
),

used as (
    select
        count(coalesce(birth_code, birth_date_kind)) as birth_date,
        count(coalesce(ssn, itin, ssn_last4, ssn_kind)) as ssn, count(ssn_last4) as ssn_last4, count(sex_code) as sex,
        count(phone) as phone, count(coalesce(address, address_kind)) as address_line, count(city) as city,
        count(zip5) as zip_code, count(coalesce(first_name, first_name_kind)) as first_name,
        count(middle_name) as middle_name, count(coalesce(last_name, last_name_kind)) as last_name,
        count(coalesce(first_name, last_name, first_name_kind, last_name_kind)) as full_name,
        count(generation) as name_suffix
    from linkage.identity_fields
)

select g.role
from (unpivot given on columns(*) into name role value n) as g
inner join (unpivot used on columns(*) into name role value n) as u using (role)
where g.n > 0 and u.n = 0
order by g.role
