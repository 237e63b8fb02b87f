-- Grain: one row per row of an identity table, normalised, every placeholder null and its kind beside it.
-- Inputs: linkage.named_sources, linkage.names, linkage.birth_dates, linkage.addresses, linkage.places,
--         linkage.tax_numbers.
with read as materialized (
    select
        s.client_key, s.agency, s.is_primary, s.is_plain, s.given_ids, s.own_ids, s.sex_code, p.city, p.zip5,
        s.phone as phone_written, s.ssn as ssn_written,
        t.ssn, t.itin, t.placeholder_kind as number_kind,
        coalesce(t.ssn_last4, last4_of(read_digits(s.ssn_last4), masked_last4(s.ssn_last4))) as ssn_last4,
        phone_of(s.phone) as phone,
        generation_of(s.name_suffix) as suffix_given,
        f.closed as first_closed, f.first_token, f.generation as first_generation, f.first_kind,
        case when m.first_kind is null then m.closed end as middle_name,
        l.closed as last_closed, l.parts, l.generation as last_generation, l.last_kind,
        whole_name_placeholder(concat_ws(' ', f.words, l.words)) as whole_kind,
        b.birth_code, b.birth_year, b.birth_month, b.birth_day, b.placeholder_kind as birth_date_kind,
        a.address, a.house_number, a.unit, a.placeholder_kind as address_kind
    from linkage.named_sources as s
    left join linkage.names as f on s.first_name = f.name
    left join linkage.names as m on s.middle_name = m.name
    left join linkage.names as l on s.last_name = l.name
    left join linkage.birth_dates as b on s.birth_date = b.birth_date
    left join linkage.addresses as a on s.address_line = a.address_line
    left join linkage.tax_numbers as t on s.ssn = t.ssn_written
    left join linkage.places as p
        on coalesce(s.city, '') = p.city_written and coalesce(s.zip_code, '') = p.zip_code_written
)

select
    client_key, agency, is_primary, is_plain, given_ids, own_ids, sex_code,
    birth_code, birth_year, birth_month, birth_day,
    ssn, itin, ssn_last4, phone, address, house_number, unit,
    case when whole_kind is null and first_kind is null then first_closed end as first_name,
    case when whole_kind is null and first_kind is null then first_token end as first_token,
    case when whole_kind is null then middle_name end as middle_name,
    case when whole_kind is null and last_kind is null then last_closed end as last_name,
    case when whole_kind is null and last_kind is null then parts end as surname_parts,
    coalesce(suffix_given, last_generation, first_generation) as generation,
    city, zip5,
    coalesce(whole_kind, first_kind) as first_name_kind,
    coalesce(whole_kind, last_kind) as last_name_kind,
    birth_date_kind,
    case
        when number_kind is not null then number_kind
        when ssn_written is null or coalesce(ssn, ssn_last4) is not null then null
        when itin is not null then 'itin'
        else 'not_issuable'
    end as ssn_kind,
    address_kind,
    case when phone_written is not null and phone is null then 'not_a_number' end as phone_kind
from read
