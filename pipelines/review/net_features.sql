-- Grain: client × weak feature × value (a hash). Whoever shares one lies in the wide net together.
-- Inputs: standard.identities
with said as (
    select
        client_key,
        unnest([
            { 'feature': 1, 'parts': [birth_code] }, -- whatever became of the names
            { 'feature': 2, 'parts': [soundex(last_name), birth_year::varchar] }, -- a misheard surname
            { 'feature': 3, 'parts': [soundex(first_token), birth_year::varchar] }, -- another surname
            { 'feature': 4, 'parts': [soundex(last_name), soundex(first_token)] }, -- another birth date
            { 'feature': 5, 'parts': [zip5, left(first_token, 1)] }, -- surname and birth date both damaged
            { 'feature': 6, 'parts': [coalesce(ssn_last4, right(ssn, 4))] } -- nothing else that agrees
        ]) as said
    from standard.identities
)

select distinct client_key, said.feature::utinyint as feature, hash(said.parts) as value
from said
where len(list_filter(said.parts, lambda part: part is null)) = 0
