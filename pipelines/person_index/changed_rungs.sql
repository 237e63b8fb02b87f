-- grain: joined or parted × ladder × level before × level now, over the changed pairs that were weighed
-- inputs: work.weighed_pairs, work.differing_rungs
select
    p.is_together_now, r.ladder, r.level_before, r.level_now,
    count(*) as pairs,
    any_value(r.bits_before) as bits_before, any_value(r.bits_now) as bits_now
from work.differing_rungs as r
inner join work.weighed_pairs as p on r.pair = p.pair
group by p.is_together_now, r.ladder, r.level_before, r.level_now
order by pairs desc, r.ladder, r.level_before, r.level_now, p.is_together_now
