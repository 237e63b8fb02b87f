-- grain: a measure, a status, a reason, and the period, programme, provider and quarter that rows are of
-- inputs: cuts.counted_rows
-- Rows are summed once over what they say themselves, and once over what is known of persons (`cells_by_person`): there
-- are millions of rows and few of either cell, while cells of both at once would be nearly as many as rows.
select
    measure_number,
    period,
    program_code,
    provider_id,
    date_trunc('quarter', index_on) as quarter_on,
    status_code,
    reason_code,
    is_counted,
    count(*) as person_rows,
    sum(numerator) as numerator,
    sum(person_time) as person_time,
    sum(rate_numerator * rate_numerator) as numerator_squared,
    sum(rate_numerator * rate_time) as cross_product,
    sum(rate_time * rate_time) as person_time_squared
from cuts.counted_rows
group by measure_number, period, program_code, provider_id, quarter_on, status_code, reason_code, is_counted
