-- grain: kind of episode × length of window × distinct units of a person in it, of the untreated
-- inputs: work.follow_up
select kind, months, after_units::double as units, months / 12.0 as years, count(*)::double as persons
from work.follow_up
where is_untreated
group by kind, months, after_units
order by kind, months, after_units
