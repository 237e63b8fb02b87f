-- grain: kind of episode × length of window × untreated or not: persons before and after their index day
-- inputs: work.follow_up
-- persons_with_before: those whose records reach back a whole window; what is before is told of them alone.
select
    kind,
    months,
    is_untreated,
    count(*) as persons,
    count(before_units) as persons_with_before,
    count_if(before_starts > 0)::bigint as persons_before,
    count_if(after_starts > 0)::bigint as persons_after,
    avg(before_units) * 12 / months as units_per_year_before,
    avg(after_units) * 12 / months as units_per_year_after,
    -- out of whole sums, so that no order of adding shows in the last digit
    case
        when count(*) > 1
            then
                (sum(after_units * after_units)::double - sum(after_units)::double * sum(after_units) / count(*))
                / (count(*) - 1)
    end as variance_after
from work.follow_up
group by kind, months, is_untreated
order by kind, months, is_untreated desc
