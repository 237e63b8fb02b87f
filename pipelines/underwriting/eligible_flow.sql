-- grain: month: how many persons are eligible on its first day, and how many of them never were before
-- inputs: work.months, work.eligible_months, work.eligible_persons
-- A month's newly eligible are those of its first day; the first month of all, in which everybody is new, is left out.
select
    m.month_on,
    (select count(*) from work.eligible_months as e where e.month_on = m.month_on) as eligible,
    (select count(*) from work.eligible_persons as p where p.index_on = m.month_on) as newly_eligible
from work.months as m
where m.month_on > (select min(month_on) from work.months)
order by m.month_on
