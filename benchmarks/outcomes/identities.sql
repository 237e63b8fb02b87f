-- grain: an identity; a client in five has two
select i as client_key, (90901 + chance(i, 6, 139))::varchar as zip5
from range(1, clients() + 1) as t (i)
union all
select i, (90901 + chance(i, 7, 139))::varchar
from range(1, clients() + 1, 5) as t (i)
