-- grain: a decision of the app in force, by judgement: what was of its pair then, and what is now
-- inputs: work.decided (judgement, decision_code, decided_at, was_together, and both clients by agency and client_id),
--         work.applied (the decisions that the last run kept to), person_index.person_of_client
select
    decided.judgement,
    decided.decision_code,
    decided.decided_at,
    decided.was_together,
    one.person_id = other.person_id as is_together,
    coalesce(applied.decision_code = decided.decision_code, false) as is_applied
from work.decided as decided
left join person_index.person_of_client as one
    on decided.agency_l = one.agency and decided.client_id_l = one.client_id
left join person_index.person_of_client as other
    on decided.agency_r = other.agency and decided.client_id_r = other.client_id
left join work.applied as applied
    on
        decided.agency_l = applied.agency_l
        and decided.client_id_l = applied.client_id_l
        and decided.agency_r = applied.agency_r
        and decided.client_id_r = applied.client_id_r
order by decided.judgement desc
