-- Grain: one row per client (agency, client_id), linkable or not.
-- Inputs: linkage.described_clients, linkage.identity_fields, standard.identities.
with named as (
    select client_key, bool_or(coalesce(first_name, last_name) is not null) as has_name
    from linkage.identity_fields
    group by client_key
),

-- A name alone may be linked where it is rare; but who is not found by it is unknown, not absent.
counted as (
    select
        client_key, count(*) as identity_count,
        bool_or(
            (
                coalesce(first_name, last_name) is not null
                and coalesce(birth_code, ssn, itin, ssn_last4, phone, address, zip5, city) is not null
            )
            or (birth_code is not null and coalesce(ssn, itin, house_number) is not null)
            or shared_ids[1] is not null
        ) as is_linkable
    from standard.identities
    group by client_key
)

select
    d.client_key,
    d.agency, d.client_id, d.sex_code,
    case
        when list_contains(d.race_codes, 'hispanic') then 'hispanic'
        when len(d.race_codes) = 1
            and d.race_codes[1] in ('black', 'white', 'asian', 'american_indian', 'pacific_islander')
            then d.race_codes[1]
        when len(d.race_codes) >= 1 then 'other'
        else 'unknown'
    end as race_ethnicity_code,
    d.birth_on,
    coalesce(c.is_linkable, false) as is_linkable,
    case
        when c.is_linkable then null
        when not d.has_identity_record then 'no_identity_record'
        when not d.is_plain then 'hashed_identifiers'
        when not coalesce(n.has_name, false) then 'no_usable_name'
        else 'nothing_beside_the_name'
    end as unlinkable_reason,
    client_key(d.agency, d.merged_into_client_id) as merged_into_client_key,
    d.deceased_on,
    coalesce(c.identity_count, 0)::integer as identity_count
from linkage.described_clients as d
left join named as n on d.client_key = n.client_key
left join counted as c on d.client_key = c.client_key
order by d.client_key
