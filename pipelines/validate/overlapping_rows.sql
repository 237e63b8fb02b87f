-- One row per span that overlaps a span of its group made before it; a last day may be the first day of another.
select later._row
from rules.spans as later
semi join rules.spans as earlier
    on
        later.group_id = earlier.group_id
        and later.created_rank > earlier.created_rank
        and later.starts_at < coalesce(earlier.ends_at, 'infinity'::timestamp)
        and earlier.starts_at < coalesce(later.ends_at, 'infinity'::timestamp)
order by later._row
