-- Grain: half a bit of match weight: how many pairs of the frame lie there that a rule met and no guard forbids.
-- Inputs: review.pair_frame
select (floor(match_weight * 2) / 2)::double as weight, count(*) as pairs
from review.pair_frame
where match_weight is not null and not is_forbidden and is_met
group by all
order by weight
