-- grain: days of a person that belong to one provider: [started_on, ended_on), disjoint within a person, alive
-- inputs: members.partnership_enrollments, members.deaths
with
enrollments as (
    select
        e.person_id,
        e.source_key,
        e.provider_id,
        e.started_on,
        least(coalesce(e.ended_on, date '9999-12-31'), coalesce(d.died_on, date '9999-12-31')) as ended_on
    from members.partnership_enrollments as e
    left join members.deaths as d using (person_id)
),

bounds as (
    select person_id, started_on as bound_on from enrollments where started_on < ended_on
    union
    select person_id, ended_on from enrollments where started_on < ended_on
),

pieces as (
    select
        person_id,
        bound_on as piece_from_on,
        lead(bound_on) over (partition by person_id order by bound_on) as piece_to_on
    from bounds
),

attributed as (
    select
        p.person_id,
        p.piece_from_on,
        p.piece_to_on,
        -- a day on which two providers hold an open enrolment belongs to the one that started last
        last(e.provider_id order by e.started_on, e.source_key) as provider_id,
        last(e.source_key order by e.started_on, e.source_key) as enrollment_id
    from pieces as p
    inner join enrollments as e
        on p.person_id = e.person_id and p.piece_from_on >= e.started_on and p.piece_to_on <= e.ended_on
    where p.piece_to_on is not null
    group by p.person_id, p.piece_from_on, p.piece_to_on
)

select
    person_id,
    provider_id,
    enrollment_id,
    piece_from_on as started_on,
    nullif(piece_to_on, date '9999-12-31') as ended_on
from attributed
order by person_id, started_on
