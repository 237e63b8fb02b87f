-- Grain: one row per client, by its key: what the tables that name it say of it.
-- Inputs: linkage.client_sources (rows of any table that names a client).
-- Most clients have one row, and gathering is what costs: only the rows of the others are gathered.
with several as (
    select client_key from linkage.client_sources group by client_key having count(*) > 1
),

gathered as (
    select
        client_key,
        any_value(agency) as agency,
        any_value(client_id) as client_id,
        min(agency) <> max(agency) or min(client_id) <> max(client_id) as is_shared,
        arg_min(sex_code, (not is_primary, sex_code)) filter (where sex_code is not null) as sex_code,
        flatten(list(race_codes)) as race_codes,
        arg_min(birth_on, (not is_primary, birth_on)) filter (where birth_on is not null) as birth_on,
        min(merged_into_client_id) filter (where merged_into_client_id <> client_id) as merged_into_client_id,
        min(died_on) as deceased_on,
        bool_or(is_identity) as has_identity_record,
        bool_or(is_plain and is_identity) as is_plain
    from linkage.client_sources
    semi join several using (client_key)
    group by client_key
),

alone as (
    select
        client_key, agency, client_id, false as is_shared, sex_code, race_codes, birth_on,
        case when merged_into_client_id <> client_id then merged_into_client_id end as merged_into_client_id,
        died_on as deceased_on,
        is_identity as has_identity_record,
        is_plain and is_identity as is_plain
    from linkage.client_sources
    anti join several using (client_key)
)

select * replace (each_once(race_codes) as race_codes) from gathered
union all
select * replace (each_once(race_codes) as race_codes) from alone
