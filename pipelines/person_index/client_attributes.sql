-- grain: client; what its own records say of it, by the cuts that linkage quality is told by. Never used for linking.
-- inputs: standard.clients, standard.identities, standard.homeless_enrollments, standard.tenancies,
--         code_sets.hud_project_types; $as_of, $homeless_groups (project groups whose guests have no home)
-- Nothing is taken over from other clients of the person: a value that only linked clients have would flatter itself.
with aged as (
    select
        client_key, agency, race_ethnicity_code, sex_code,
        date_diff('year', birth_on, $as_of::date) as age
    from standard.clients
),

numbers as (
    select
        client_key,
        max(case
            when length(ssn) = 9 then 3
            when coalesce(ssn, ssn_last4) is not null then 2
            when itin is not null then 1
        end) as known
    from standard.identities
    group by client_key
),

housed as (
    select distinct client_key from standard.tenancies
    where housed_from_on <= $as_of::date and (housed_to_on is null or housed_to_on > $as_of::date)
),

homeless as (
    select distinct e.client_key
    from standard.homeless_enrollments as e
    inner join code_sets.hud_project_types as t on e.project_type_code::varchar = t.project_type_code
    where
        list_contains($homeless_groups::varchar[], t.project_group_code)
        and e.entry_on <= $as_of::date and (e.exit_on is null or e.exit_on > $as_of::date)
),

told as (
    select client_key from standard.tenancies
    union
    select client_key from standard.homeless_enrollments
)

select
    c.client_key,
    c.agency,
    c.race_ethnicity_code as race_ethnicity,
    coalesce(c.sex_code, 'unknown') as sex,
    case
        when c.age between 0 and 17 then '00-17'
        when c.age between 18 and 24 then '18-24'
        when c.age between 25 and 44 then '25-44'
        when c.age between 45 and 64 then '45-64'
        when c.age between 65 and 110 then '65+'
        else 'unknown' -- no date, or a placeholder such as 1900-01-01
    end as age_band,
    case
        when c.client_key in (from housed) then 'housed'
        when c.client_key in (from homeless) then 'homeless'
        when c.client_key in (from told) then 'neither'
        else 'unknown'
    end as housing_status,
    case n.known when 3 then 'full' when 2 then 'last_four' when 1 then 'taxpayer_number' else 'missing' end as ssn
from aged as c
left join numbers as n on c.client_key = n.client_key
order by c.client_key
