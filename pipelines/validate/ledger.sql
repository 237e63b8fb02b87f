-- One row per rule that a quarantined line broke: still open, or superseded by which delivery, and because of what.
--
-- A line is superseded by the earliest accepted delivery of its agency that is later and holds its table, and
--   mended, deleted   holds its key as an accepted row, or as one that deletes the record;
--   refused_again     holds its key in quarantine, so that the newer line is the one to mend;
--   gone, sent_anew   takes the place of its delivery (the whole table, or a later revision of the day) without its
--                     key; of a line whose key cannot be read, sent_anew is all that can be known.
-- Later means by as-of date and revision, so that it does not matter in which order deliveries reached us.
with
deliveries as (
    select *, dense_rank() over (order by as_of_on, revision) as moment
    from validated.deliveries
),

lines as (
    select distinct
        rows.agency, rows.table_name, rows.delivery_id, rows.file_name, rows.line_number, rows.key_hash, mine.moment
    from quarantine.rows
    inner join deliveries as mine using (agency, table_name, delivery_id)
),

later_deliveries as (
    select
        mine.agency,
        mine.table_name,
        mine.delivery_id,
        later.delivery_id as later_id,
        later.moment,
        later.is_whole or later.as_of_on = mine.as_of_on as is_in_its_place
    from deliveries as mine
    inner join deliveries as later
        on mine.agency = later.agency and mine.table_name = later.table_name and mine.moment < later.moment
    where later.is_accepted
),

closings as (
    select lines.*, later.later_id, later.moment as later_moment, if(keys.is_deleted, 'deleted', 'mended') as because
    from lines
    inner join validated.keys using (agency, table_name, key_hash)
    inner join later_deliveries as later
        on
            lines.agency = later.agency
            and lines.table_name = later.table_name
            and lines.delivery_id = later.delivery_id
            and keys.delivery_id = later.later_id
    union all
    select lines.*, later.later_id, later.moment, 'refused_again'
    from lines
    inner join lines as again using (agency, table_name, key_hash)
    inner join later_deliveries as later
        on
            lines.agency = later.agency
            and lines.table_name = later.table_name
            and lines.delivery_id = later.delivery_id
            and again.delivery_id = later.later_id
    union all
    select lines.*, later.later_id, later.moment, if(lines.key_hash is null, 'sent_anew', 'gone')
    from lines
    inner join later_deliveries as later using (agency, table_name, delivery_id)
    where later.is_in_its_place
),

first_closing as (
    select *
    from closings
    qualify
        row_number() over (
            partition by agency, table_name, delivery_id, file_name, line_number
            order by
                later_moment,
                list_position(['mended', 'deleted', 'refused_again', 'gone', 'sent_anew'], because),
                later_id
        ) = 1
)

select
    rows.agency,
    rows.table_name,
    rows.delivery_id,
    mine.as_of_on,
    if(mine.is_accepted, 'accepted', 'held') as delivery_status_code,
    rows.file_name,
    rows.line_number,
    rows.column_name,
    rows.rule_id,
    rows.mend,
    rows.key_hash,
    if(closing.later_id is null, 'open', 'superseded') as status_code,
    closing.later_id as closed_by_delivery_id,
    closer.as_of_on as closed_on,
    closing.because as closed_because_code
from quarantine.rows
inner join deliveries as mine using (agency, table_name, delivery_id)
left join first_closing as closing using (agency, table_name, delivery_id, file_name, line_number)
left join deliveries as closer
    on
        closing.agency = closer.agency
        and closing.table_name = closer.table_name
        and closing.later_id = closer.delivery_id
order by all
