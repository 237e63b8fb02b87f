-- Grain: stratum of the frame: how many pairs lie in the frame, how many there are, and the mean share of one person
--        that the model believes. Of the wide net the frame holds $kept_ppm in a million.
-- Inputs: review.pair_frame
with drawn_from as (
    select
        is_linked, is_met, band, has_ssn,
        count(*) as rows_in_frame,
        round(coalesce(avg(1 / (1 + pow(2, -greatest(least(match_weight, 60), -60)))), 0.5), 6) as believed
    from review.pair_frame
    group by is_linked, is_met, band, has_ssn
)

select
    *,
    case when is_met then rows_in_frame else round(rows_in_frame * 1000000.0 / $kept_ppm)::bigint end as pairs
from drawn_from
order by is_linked desc, is_met desc, band, has_ssn
