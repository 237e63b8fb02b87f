-- Grain: one row: records without an id, and records whose id another record has too.
-- Inputs: linkage.identity_sources.
with ids as (
    select agency, client_id, count(*) as n
    from linkage.identity_sources
    group by agency, client_id
)

select
    coalesce(sum(n) filter (where agency is null or client_id is null), 0)::bigint as missing,
    coalesce(sum(n) filter (where n > 1 and agency is not null and client_id is not null), 0)::bigint as shared
from ids
