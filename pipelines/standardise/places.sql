-- Grain: one row per distinct city and ZIP code as agencies wrote them together; what was left out stands as ''.
-- Inputs: linkage.named_sources.
with written as (
    select distinct coalesce(city, '') as city_written, coalesce(zip_code, '') as zip_code_written
    from linkage.named_sources
)

select
    city_written, zip_code_written,
    name_words(nullif(city_written, '')) as city,
    zip5_of(nullif(zip_code_written, '')) as zip5
from written
