-- Grain: none; scalar macros, one per kind of value. Null in, null out; nothing usable in, null out.
-- Inputs: none. Loaded by standardise.load_macros(connection). Judgement (placeholders, words) lives in linkage_rules.

-- The upper 63 bits of md5_number; md5_number_lower goes by way of a text of bits, which costs five times as much.
create or replace macro key_number(text) as (md5_number(text) >> 65)::bigint;

-- One client is one number everywhere: 63 bits of the MD5 of who sent it and what they call it.
create or replace macro client_key(agency, client_id) as key_number(agency || '|' || client_id);

-- Upper case, one way of composing, no accents, no invisible characters, single blanks.
create or replace macro folded_text(value) as nullif(trim(regexp_replace(
    translate(
        upper(strip_accents(nfc_normalize(
            regexp_replace(value, '[\x{200B}-\x{200F}\x{2060}\x{FEFF}\x{00AD}]', '', 'g')
        ))),
        'ØŁĐÐÞŒÆ’‘`´ʼ', 'OLDDTOA'''''''''''
    ),
    '[\s\x{00A0}\x{2000}-\x{200A}\x{202F}\x{3000}]+', ' ', 'g'
)), '');

-- One character in the letters A to Z. Cyrillic and Greek sound as they are written; a letter of another alphabet is
-- given any one, a sign of Chinese, Japanese or Korean any two: the same name stays the same, and a slip stays a slip.
create or replace macro in_latin_letters(sign) as case
    when ord(sign) < 128 then sign
    when contains('АБВГДЕЁЗИЙІЇКЛМНОПРСТУЎФЫЭЄҐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ', sign)
        then translate(
            sign, 'АБВГДЕЁЗИЙІЇКЛМНОПРСТУЎФЫЭЄҐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ',
            'ABVGDEEZIIIIKLMNOPRSTUUFYEEGABGDEZITIKLMNXOPRSTYFHPO'
        )
    when contains('ЖХЦЧШЩЮЯßẞ', sign)
        then ['ZH', 'KH', 'TS', 'CH', 'SH', 'SHCH', 'YU', 'YA', 'SS', 'SS'][strpos('ЖХЦЧШЩЮЯßẞ', sign)]
    when contains('ЪЬ', sign) or regexp_full_match(sign, '\p{M}') then ''
    when not regexp_full_match(sign, '\p{L}') then ' '
    when ord(sign) < 11904 then chr(65 + ord(sign) % 26)
    else chr(65 + ord(sign) % 26) || chr(65 + (ord(sign) // 26) % 26)
end;

create or replace macro in_latin(text) as case
    when not regexp_matches(text, '[^\x00-\x7F]') then text
    else array_to_string(list_transform(string_split(text, ''), lambda sign: in_latin_letters(sign)), '')
end;

-- Letters and single blanks: apostrophes close up (O'BRIEN), hyphens part (GARCIA-LOPEZ), digits read as the letters
-- that scanners and typists take them for.
create or replace macro name_words(value) as nullif(trim(regexp_replace(
    regexp_replace(translate(
        regexp_replace(
            regexp_replace(regexp_replace(in_latin(folded_text(value)), '\b2ND\b', 'II'), '\b3RD\b', 'III'),
            '\b4TH\b', 'IV'
        ),
        '01358|!:', 'OIESBIII'
    ), '''', '', 'g'),
    '[^A-Z]+', ' ', 'g'
)), '');

-- A name without the titles of linkage_rules/titles.yaml; `text` as folded_text gives it.
create or replace macro without_rank(text) as regexp_replace(regexp_replace(regexp_replace(
    text,
    '^(.*?)[ ,]*\b[0-9]{1,2}(ST|ND|RD|TH) ' || ranks_behind_ordinals() || '\b.*$', '\1'
), '(^|[ ,]+)' || ranks() || '$', ''), '(^| +)1ST( +|$)', ' ');

create or replace macro without_title_before(text) as
    regexp_replace(text, '^(?:' || titles_before() || ' +)+', '');

-- A field that holds one part of a name.
create or replace macro name_part(value) as name_words(regexp_replace(
    without_title_before(without_rank(folded_text(value))), '(?:[ ,]+' || titles_after() || ')+$', ''
));

-- A name in one field: a degree counts behind two words only, and a suffix behind a comma is no given name.
create or replace macro whole_name(value) as trim(regexp_replace(regexp_replace(
    without_title_before(without_rank(folded_text(value))),
    '^([^ ,]+ [^,]*[^ ,])(?:[ ,]+' || titles_after() || ')+$', '\1'
), ' *, *((JR|SR|JUNIOR|SENIOR|II|III|IV)[.]?)$', ' \1'));

-- The surname at the end of GIVEN MIDDLE FAMILY, with the particles before it and the suffix behind it.
create or replace macro surname_at_end(name) as regexp_extract(
    name,
    ' ((?:(?:DE|DEL|DA|DOS|DAS|LA|LAS|LOS|VAN|VON|DER|DEN|EL|AL|BIN|IBN|SAN|SANTA|ST[.]?|MC|MAC) )*'
    || '[^ ]+(?: (?:JR|SR|JUNIOR|SENIOR|II|III|IV)[.]?)?)$', 1
);

create or replace macro is_title(value) as
    regexp_full_match(folded_text(value), '(?:' || any_title() || '|1ST)');

-- The generation that a suffix says, by how families count: SR is the first, JR and II the second.
-- Few names have one, so nothing is read where none stands.
create or replace macro generation_of(suffix) as case when suffix is not null then case name_words(suffix)
    when 'SR' then 'SR' when 'SENIOR' then 'SR' when 'I' then 'SR'
    when 'JR' then 'JR' when 'JUNIOR' then 'JR' when 'II' then 'JR'
    when 'III' then 'III'
    when 'IV' then 'IV'
end end;

-- The suffix written at the end of a name, if any; `words` as name_words gives them.
create or replace macro trailing_suffix(words) as nullif(
    regexp_extract(words, '^.+ (JR|SR|JUNIOR|SENIOR|II|III|IV)$', 1), ''
);

-- A name without the suffix at its end.
create or replace macro without_suffix(words) as
    regexp_replace(words, '^(.+) (JR|SR|JUNIOR|SENIOR|II|III|IV)$', '\1');

-- A name with its blanks closed: DE LA CRUZ, DELACRUZ and De-La-Cruz are one.
create or replace macro closed_up(words) as replace(words, ' ', '');

-- The parts of a surname that can stand alone: GARCIA LOPEZ has two, DE LA CRUZ one.
create or replace macro surname_parts(words) as list_transform(
    list_filter(
        string_split(regexp_replace(
            words, '\b(DE|DEL|DA|DOS|DAS|LA|LAS|LOS|VAN|VON|DER|DEN|EL|AL|BIN|IBN|SAN|SANTA|ST|MC|MAC) ', '\1~', 'g'
        ), ' '),
        lambda part: length(part) > 1
    ),
    lambda part: replace(part, '~', '')
);

-- Digits as a typist or scanner may have left them: letters that stand for digits are read as digits.
create or replace macro read_digits(value) as regexp_replace(
    translate(value, 'OoQDIil|!ZzSsGB', '000011111225568'), '[^0-9]', '', 'g'
);

-- A mask before four digits: XXX-XX-1234, *****1234, or the last four alone.
create or replace macro masked_last4(value) as nullif(
    regexp_extract(trim(value), '^(?:[Xx*#]{3}[ -]?[Xx*#]{2}[ -]?)?([0-9]{4})$', 1), ''
);

create or replace macro is_one_digit_throughout(digits) as digits = repeat(digits[1], length(digits));

-- M or F, from a word, a letter or ISO 5218's number.
create or replace macro sex_of(value) as case
    when upper(left(value, 1)) = 'M' or value = '1' then 'M'
    when upper(left(value, 1)) = 'F' or value = '2' then 'F'
end;

-- A Social Security number that can have been issued: area not 000, 666 or 9xx, group not 00, serial not 0000, not one
-- digit throughout, not a run, not a number from an advertisement. Digits here and below are as read_digits gives them.
create or replace macro is_issuable_ssn(digits) as (
    length(digits) = 9
    and digits[1] <> '9'
    and digits[1:3] not in ('000', '666')
    and digits[4:5] <> '00'
    and digits[6:9] <> '0000'
    and not is_one_digit_throughout(digits)
    and digits not in ('123456789', '012345678', '876543210', '219099999', '078051120', '457555462')
);

-- An individual taxpayer number: 9, then a group that the revenue service gives out.
create or replace macro is_itin(digits) as
    length(digits) = 9
    and digits[1] = '9'
    and regexp_full_match(digits, '9[0-9]{2}(5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-24-9])[0-9]{4}')
    and not is_one_digit_throughout(digits);

-- A number that lost a digit or two on the way still says something when compared digit by digit.
create or replace macro is_short_ssn(digits) as
    length(digits) in (7, 8) and not is_one_digit_throughout(digits) and digits not in ('1234567', '12345678');

-- What a field for the number says, from its text, its digits and what a mask left of it (read_digits, masked_last4).
create or replace macro ssn_of(written, digits, masked) as case
    when masked is null and not regexp_matches(written, '[Xx*#]') and (is_issuable_ssn(digits) or is_short_ssn(digits))
    then digits
end;

create or replace macro itin_of(digits) as case
    when is_itin(digits) then digits
end;

create or replace macro last4_of(digits, masked) as case
    when coalesce(masked, '0000') <> '0000' then masked
    when is_issuable_ssn(digits) then digits[6:9]
end;

create or replace macro digits_of_each(pieces) as list_transform(pieces, lambda piece: read_digits(piece));

-- A month's number, by the first three letters of its name.
create or replace macro month_of(word) as lpad(nullif(list_position(
    ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'], upper(left(word, 3))
), 0)::varchar, 2, '0');

-- Birth dates come as 1980-12-31, 19801231 or 12/31/1980, sometimes impossible (31 in the month's place): the three
-- numbers are kept as they stand, for a pair of them can still agree crosswise.
create or replace macro numeric_birth_pieces(value) as case
    when regexp_full_match(value, '[^/-]{4}-[^/-]{1,2}-[^/-]{1,2}.*')
        then digits_of_each([value[1:4], string_split(value, '-')[2], string_split(value, '-')[3][1:2]])
    when regexp_full_match(trim(value), '[0-9]{8}') then [value[1:4], value[5:6], value[7:8]]
    when regexp_full_match(value, '[0-9]{4}[/.][0-9]{1,2}[/.][0-9]{1,2}')
        then string_split(replace(value, '.', '/'), '/')
    when regexp_full_match(value, '[^/]+/[^/]+/[^/]+')
        then digits_of_each(string_split(value, '/')[3:3] || string_split(value, '/')[1:2])
    when regexp_full_match(value, '[0-9]{1,2}-[0-9]{1,2}-[0-9]{2,4}')
        then string_split(value, '-')[3:3] || string_split(value, '-')[1:2]
    when regexp_full_match(value, '[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{2,4}')
        then list_reverse(string_split(value, '.'))
end;

-- 31-Dec-1980, 31DEC1980, 31 December 1980; Dec 31, 1980. Null unless all three pieces are there.
create or replace macro worded_birth_pieces(value) as case
    when regexp_full_match(value, '[0-9]{1,2}[ -]?[A-Za-z]{3,9}[.]?[ ,-]*[0-9]{2,4}')
        then [
            regexp_extract(value, '[0-9]+$'), month_of(regexp_extract(value, '[A-Za-z]+')),
            regexp_extract(value, '^[0-9]+')
        ]
    when regexp_full_match(value, '[A-Za-z]{3,9}[.]? [0-9]{1,2},? [0-9]{4}')
        then [
            regexp_extract(value, '[0-9]+$'), month_of(regexp_extract(value, '[A-Za-z]+')),
            regexp_extract(value, ' ([0-9]+)', 1)
        ]
end;

-- A time behind a date says nothing of it.
create or replace macro date_alone(value) as
    regexp_replace(trim(value), '[ T][0-9]{1,2}:[0-9]{2}.*$', '');

create or replace macro birth_pieces(value) as
    coalesce(numeric_birth_pieces(date_alone(value)), worded_birth_pieces(date_alone(value)));

create or replace macro small_number(digits) as case
    when regexp_full_match(digits, '[0-9]{1,4}') then digits::smallint
end;

-- Eight digits, year first, for comparing digit by digit.
create or replace macro birth_code(value) as nullif(
    birth_pieces(value)[1] || lpad(birth_pieces(value)[2], 2, '0') || lpad(birth_pieces(value)[3], 2, '0'), ''
);

-- The last ten digits, if they can be a North American number.
create or replace macro last_ten_digits(value) as right(regexp_replace(value, '[^0-9]', '', 'g'), 10);

create or replace macro phone_of(value) as case
    when regexp_full_match(last_ten_digits(value), '[2-9][0-9]{2}[2-9][0-9]{6}')
        and not regexp_matches(
            last_ten_digits(value), '(2{7}|3{7}|4{7}|5{7}|6{7}|7{7}|8{7}|9{7}|1234567|0000000)$'
        )
    then last_ten_digits(value)
end;

-- Five digits of a ZIP code; a postcode of elsewhere without its blanks.
create or replace macro zip5_of(value) as case
    when regexp_full_match(value, '[^ -]{5}([ -]?[0-9]{4})?') and length(read_digits(value)) in (5, 9)
        and read_digits(value)[1:5] not in ('00000', '99999', '11111', '12345')
    then read_digits(value)[1:5]
    when regexp_full_match(folded_text(value), '[A-Z0-9]{2,4} ?[A-Z0-9]{2,4}') and not regexp_full_match(value, '[09]+')
    then regexp_replace(folded_text(value), '[^A-Z0-9]', '', 'g')
end;

-- A street line in words: unit out, punctuation out. Abbreviating the words is a join (street_words.csv).
-- Lines here and below are as folded_text gives them.
create or replace macro street_words(line) as string_split(trim(regexp_replace(regexp_replace(regexp_replace(
    ' ' || replace(replace(line, '.', ''), '''', '') || ' ',
    '[ ,]*(#|\b(APT|APARTMENT|APRT|UNIT|STE|SUITE|RM|ROOM|LOT|SPC|SPACE|TRLR|BLDG|FLOOR|FL)\b)[ .:#]*'
    || '(NUMBER |UNIT |APT )?[A-Z0-9-]*', ' ', 'g'
), '[^A-Z0-9 ]+', ' ', 'g'), ' +', ' ', 'g')), ' ');

create or replace macro house_number_of(address) as
    nullif(regexp_extract(address, '^(?:PO BOX )?([0-9]+[A-Z]?)\b', 1), '');

create or replace macro unit_of(line) as nullif(regexp_extract(
    ' ' || line,
    '(?:#|\b(?:APT|APARTMENT|APRT|UNIT|STE|SUITE|RM|ROOM|LOT|SPC|SPACE|TRLR)\b)[ .:#]*'
    || '(?:NUMBER |UNIT |APT )?([A-Z0-9-]+)', 1
), '');

-- Each id once, in order; most lists hold one id at most.
create or replace macro each_once(ids) as case when len(ids) < 2 then ids else list_sort(list_distinct(ids)) end;

-- The space of an id that shared_id made.
create or replace macro namespace_of(id) as split_part(id, ':', 1);

-- An id that agencies share, with the space of ids it is from; one digit throughout is none.
create or replace macro shared_id(namespace, value) as case
    when length(regexp_replace(folded_text(value), '[^A-Z0-9]', '', 'g')) >= 4
        and not regexp_full_match(regexp_replace(folded_text(value), '[^A-Z0-9]', '', 'g'), '0+[A-Z]?|9+[A-Z]?|X+')
    then namespace || ':' || regexp_replace(folded_text(value), '[^A-Z0-9]', '', 'g')
end;
