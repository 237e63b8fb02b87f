-- grain: a person: whether any of their clients can be linked, and when they died
-- inputs: person_index.person_of_client, standard.clients, members.deaths
with
-- there are few sets of agencies and millions of persons: what a set is called is said once; 126 agencies fit
known_agencies as (
    select agency, 1::hugeint << (row_number() over (order by agency))::integer as agency_bit
    from (select distinct agency from person_index.person_of_client) as named
),

gathered as (
    select
        p.person_id,
        count(*) as client_count,
        bit_or(k.agency_bit) as agency_bits,
        bool_or(coalesce(c.is_linkable, false)) as is_linkable
    from person_index.person_of_client as p
    inner join known_agencies as k using (agency)
    left join standard.clients as c using (client_key)
    group by p.person_id
),

agency_sets as (
    select s.agency_bits, string_agg(k.agency, ',' order by k.agency) as agencies
    from (select distinct agency_bits from gathered) as s
    inner join known_agencies as k on s.agency_bits & k.agency_bit <> 0
    group by s.agency_bits
)

select
    g.person_id,
    g.client_count,
    s.agencies,
    g.is_linkable,
    d.died_on
from gathered as g
inner join agency_sets as s using (agency_bits)
left join members.deaths as d using (person_id)
order by g.person_id
