-- grain: weighed pair × ladder on which the two models differ: another level, or the same worth another number of bits
-- inputs: work.rungs_before, work.rungs_now (pair, ladder, level, bits)
-- A ladder that one of the models lacks has no level there.
select
    coalesce(b.pair, n.pair) as pair,
    coalesce(b.ladder, n.ladder) as ladder,
    b.level as level_before,
    n.level as level_now,
    round(b.bits, 1) as bits_before,
    round(n.bits, 1) as bits_now
from work.rungs_before as b
full join work.rungs_now as n on b.pair = n.pair and b.ladder = n.ladder
where b.level is distinct from n.level or abs(b.bits - n.bits) >= 0.1
order by pair, ladder
