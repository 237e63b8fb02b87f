-- Grain: one row: records with something in the field for the birth date, and those of which it is no date.
-- Inputs: linkage.identity_sources, linkage.birth_dates. A placeholder is read: it says that nobody knew.
select
    count(*) as given,
    count(*) filter (where b.birth_code is null and b.placeholder_kind is null) as unread
from linkage.identity_sources as s
inner join linkage.birth_dates as b on s.birth_date = b.birth_date
