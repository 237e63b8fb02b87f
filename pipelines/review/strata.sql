-- Grain: stratum of the frame: how many pairs it has, and the mean share of one person that the model believes.
-- Inputs: review.pair_frame
select
    is_linked, band, has_ssn,
    count(*) as pairs,
    round(coalesce(avg(1 / (1 + pow(2, -greatest(least(match_weight, 60), -60)))), 0.5), 6) as believed
from review.pair_frame
group by all
order by is_linked desc, band, has_ssn
