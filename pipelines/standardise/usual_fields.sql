-- Grain: one row per client that was seen with several identities: what it usually says of each field.
-- Inputs: linkage.identity_fields. Its own table's rows come first, then the lowest value, so that order cannot matter.
with several as (
    select client_key
    from linkage.identity_fields
    where is_plain
    group by client_key
    having count(*) > 1
)

select
    client_key,
    arg_min(
        { 'ssn': ssn, 'itin': itin, 'last4': ssn_last4 },
        (not is_primary, coalesce(ssn, itin, ssn_last4))
    ) filter (where coalesce(ssn, itin, ssn_last4) is not null) as tax,
    arg_min(
        { 'code': birth_code, 'y': birth_year, 'm': birth_month, 'd': birth_day }, (not is_primary, birth_code)
    ) filter (where birth_code is not null) as birth,
    arg_min(sex_code, (not is_primary, sex_code)) filter (where sex_code is not null) as sex_code,
    arg_min(phone, (not is_primary, phone)) filter (where phone is not null) as phone,
    arg_min(
        { 'address': address, 'house_number': house_number, 'unit': unit, 'city': city, 'zip5': zip5 },
        (not is_primary, coalesce(address, zip5, city), coalesce(zip5, ''), coalesce(unit, ''))
    ) filter (where coalesce(address, zip5, city) is not null) as place,
    list_sort(list_distinct(flatten(list(given_ids)))) as given_ids,
    list_sort(list_distinct(flatten(list(list_concat(given_ids, own_ids))))) as shared_ids
from linkage.identity_fields
semi join several using (client_key)
where is_plain
group by client_key
