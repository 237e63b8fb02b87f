-- Grain: one row per distinct identity that a client was seen with and that can be linked.
-- Inputs: linkage.identity_fields, linkage.usual_fields, linkage.nickname_roots (name, roots).
-- What an alias row does not say (sex, address, …) is taken from the client's other rows, its own table's first.
with filled as (
    select
        f.client_key, f.agency,
        f.first_name, f.first_token, f.middle_name, f.last_name, f.surname_parts, f.generation,
        coalesce(f.birth_code, u.birth.code) as birth_code,
        case when f.birth_code is null then u.birth.y else f.birth_year end as birth_year,
        case when f.birth_code is null then u.birth.m else f.birth_month end as birth_month,
        case when f.birth_code is null then u.birth.d else f.birth_day end as birth_day,
        case when coalesce(f.ssn, f.itin, f.ssn_last4) is null then u.tax.ssn else f.ssn end as ssn,
        case when coalesce(f.ssn, f.itin, f.ssn_last4) is null then u.tax.itin else f.itin end as itin,
        case when coalesce(f.ssn, f.itin, f.ssn_last4) is null then u.tax.last4 else f.ssn_last4 end as ssn_last4,
        coalesce(f.sex_code, u.sex_code) as sex_code,
        coalesce(f.phone, u.phone) as phone,
        case when coalesce(f.address, f.zip5, f.city) is null then u.place.address else f.address end as address,
        case
            when coalesce(f.address, f.zip5, f.city) is null then u.place.house_number else f.house_number
        end as house_number,
        case when coalesce(f.address, f.zip5, f.city) is null then u.place.unit else f.unit end as unit,
        case when coalesce(f.address, f.zip5, f.city) is null then u.place.city else f.city end as city,
        case when coalesce(f.address, f.zip5, f.city) is null then u.place.zip5 else f.zip5 end as zip5,
        coalesce(u.shared_ids, each_once(list_concat(f.given_ids, f.own_ids))) as shared_ids,
        each_once(list_transform(coalesce(u.given_ids, f.given_ids), lambda id: namespace_of(id))) as shared_id_kinds,
        u.client_key is not null as is_one_of_several
    from linkage.identity_fields as f
    left join linkage.usual_fields as u on f.client_key = u.client_key
    where f.is_plain
),

held_ids as (
    select client_key, unnest(list_concat(given_ids, own_ids)) as id
    from linkage.identity_fields
    where is_plain and coalesce(given_ids[1], own_ids[1]) is not null
),

-- An id that two clients hold ties them, named or not.
tying_ids as (
    select id from held_ids group by id having count(distinct client_key) > 1
),

tied as (
    select distinct client_key from held_ids where id in (select id from tying_ids)
),

-- Two facts of different kinds can tell people apart; a name in full is two. The ZIP code of the nameless is none.
telling as not materialized (
    select * from filled
    where (first_name is not null)::integer
        + (last_name is not null)::integer
        + (birth_code is not null)::integer
        + (coalesce(ssn, itin, ssn_last4) is not null)::integer
        + (phone is not null)::integer
        + (
            address is not null
            or (coalesce(first_name, last_name) is not null and coalesce(zip5, city) is not null)
        )::integer
        + (shared_ids[1] is not null)::integer >= 2
        or client_key in (select client_key from tied)
),

linkable as (
    select distinct * exclude (is_one_of_several) from telling where is_one_of_several
    union all
    select * exclude (is_one_of_several) from telling where not is_one_of_several
)

select
    key_number(concat_ws(
        '|', client_key, coalesce(first_name, '~'), coalesce(first_token, '~'), coalesce(middle_name, '~'),
        coalesce(last_name, '~'), coalesce(array_to_string(surname_parts, ','), '~'), coalesce(generation, '~'),
        coalesce(birth_code, '~'), coalesce(ssn, '~'), coalesce(itin, '~'), coalesce(ssn_last4, '~'),
        coalesce(sex_code, '~'), coalesce(phone, '~'), coalesce(address, '~'), coalesce(unit, '~'),
        coalesce(city, '~'), coalesce(zip5, '~'), array_to_string(shared_ids, ',')
    )) as identity_id,
    l.*,
    l.surname_parts[1] as surname_first,
    l.surname_parts[-1] as surname_last,
    coalesce(n.roots, [l.first_token]) as first_roots
from linkable as l
left join linkage.nickname_roots as n on l.first_token = n.name
order by identity_id
