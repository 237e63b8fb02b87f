-- Grain: one row per distinct address line as an agency wrote it.
-- Inputs: linkage.identity_sources, linkage.street_words (word, usps), linkage.facility_addresses (address_line, kind).
with lines as (
    select distinct address_line from linkage.identity_sources where address_line is not null
    union
    select address_line from linkage.facility_addresses
),

folded as materialized (
    select address_line, folded_text(address_line) as folded_line from lines
),

split as materialized (
    select address_line, street_words(folded_line) as street_words
    from folded
),

words as (
    select address_line, unnest(street_words) as word, generate_subscripts(street_words, 1) as place
    from split
),

joined as (
    select w.address_line, nullif(trim(string_agg(coalesce(s.usps, w.word), ' ' order by w.place)), '') as address
    from words as w
    left join linkage.street_words as s on w.word = s.word
    group by w.address_line
),

facilities as (
    select j.address, min(f.kind) as kind
    from linkage.facility_addresses as f
    inner join joined as j on f.address_line = j.address_line
    group by j.address
),

-- Where many families are said to live, none is told by it, listed or not.
crowded as (
    select j.address
    from linkage.identity_sources as s
    inner join joined as j on s.address_line = j.address_line
    group by j.address
    having is_crowded(count(distinct upper(coalesce(s.last_name, s.full_name))))
),

judged as (
    select
        j.address_line, j.address, l.folded_line,
        coalesce(
            f.kind,
            address_placeholder(coalesce(l.folded_line, '')),
            case when c.address is not null then 'crowded' end
        ) as placeholder_kind
    from joined as j
    inner join folded as l on j.address_line = l.address_line
    left join facilities as f on j.address = f.address
    left join crowded as c on j.address = c.address
)

select
    address_line, placeholder_kind,
    case when placeholder_kind is null then address end as address,
    case when placeholder_kind is null then house_number_of(address) end as house_number,
    case when placeholder_kind is null then unit_of(folded_line) end as unit
from judged
