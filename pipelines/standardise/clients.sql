-- Grain: one row per client (agency, client_id), linkable or not.
-- Inputs: linkage.client_sources (rows of any table that names a client), linkage.identity_fields, standard.identities.
with described as (
    select
        agency, client_id,
        arg_min(sex_code, (not is_primary, sex_code)) filter (where sex_code is not null) as sex_code,
        each_once(flatten(list(race_codes))) as race_codes,
        arg_min(birth_on, (not is_primary, birth_on)) filter (where birth_on is not null) as birth_on,
        min(merged_into_client_id) filter (where merged_into_client_id <> client_id) as merged_into_client_id,
        min(died_on) as deceased_on,
        bool_or(is_identity) as has_identity_record,
        bool_or(is_plain and is_identity) as is_plain
    from linkage.client_sources
    group by agency, client_id
),

keyed as materialized (
    select client_key(agency, client_id) as client_key, * from described
),

named as (
    select agency, client_id, bool_or(coalesce(first_name, last_name) is not null) as has_name
    from linkage.identity_fields
    group by agency, client_id
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
from keyed as d
left join named as n on d.agency = n.agency and d.client_id = n.client_id
left join counted as c on d.client_key = c.client_key
order by d.client_key
