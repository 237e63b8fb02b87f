"""What the labelled sets write of a number that is masked, for the methods that do not clean a field themselves."""

GIVEN_SSN = "case when ssn::varchar not like 'XXX%' then ssn::varchar end as ssn"
"""SQL for the SSN; a masked one is XXX-XX-1234, four digits of nine."""
