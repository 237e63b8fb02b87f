-- grain: an agency
select agency, last_on() as data_through_on, last_on() as latest_as_of_on, agency || '_1' as latest_delivery_id
from (values ('fhsp'), ('health'), ('hmis'), ('mental_health'), ('sheriff')) as t (agency)
