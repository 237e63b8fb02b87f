-- Grain: agency × field × kind of placeholder: how many values of identity tables were made null before comparing.
-- Inputs: linkage.identity_fields.
with kinds as (
    unpivot (
        select
            agency, first_name_kind as first_name, last_name_kind as last_name, birth_date_kind as birth_date,
            ssn_kind as ssn, address_kind as address_line, phone_kind as phone
        from linkage.identity_fields
    ) on first_name, last_name, birth_date, ssn, address_line, phone into name field_name value placeholder_kind
)

select agency, field_name, placeholder_kind, count(*) as value_count
from kinds
group by agency, field_name, placeholder_kind
order by agency, field_name, placeholder_kind
