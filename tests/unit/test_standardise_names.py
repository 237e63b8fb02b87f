"""Names, numbers, dates and addresses are written one way before they are compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from pipelines import sql
from pipelines.standardise import load_macros


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    opened = sql.connect()
    load_macros(opened)
    yield opened
    opened.close()


def value(connection: duckdb.DuckDBPyConnection, expression: str, written: str | None) -> Any:
    return connection.execute(f"select {expression}", {"v": written}).fetchall()[0][0]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("  José\u00a0 Ñúñez\u200b ", "JOSE NUNEZ"),
        ("Jose\u0301", "JOSE"),
        ("O’Brien-Smith", "OBRIEN SMITH"),
        ("o'neil", "ONEIL"),
        ("J0hn", "JOHN"),
        ("Øster", "OSTER"),
        ("King 3rd", "KING III"),
        ("--", None),
        (None, None),
    ],
)
def test_a_name_is_upper_case_letters_and_single_blanks(connection, written, words) -> None:
    assert value(connection, "name_words($v)", written) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Dr. John", "JOHN"),
        ("MRS MARY ANN", "MARY ANN"),
        ("Smith, M.D.", "SMITH"),
        ("Smith RN", "SMITH"),
        ("1st", None),
        ("Baronet", None),
        ("Earl", "EARL"),
        ("Drew", "DREW"),
        ("Mr", "MR"),
    ],
)
def test_titles_come_out_of_a_part_of_a_name_unless_they_are_all_of_it(connection, written, words) -> None:
    assert value(connection, "name_part($v)", written) == words


@pytest.mark.parametrize(
    ("written", "whole", "surname"),
    [
        ("John de la Cruz III", "JOHN DE LA CRUZ III", "DE LA CRUZ III"),
        ("Dr. Mary-Ann Garcia-Lopez", "MARY-ANN GARCIA-LOPEZ", "GARCIA-LOPEZ"),
        ("John Smith, Jr.", "JOHN SMITH JR.", "SMITH JR."),
        ("John Smith, M.D.", "JOHN SMITH", "SMITH"),
        ("Sir John Hart, 1st Baronet", "JOHN HART", "HART"),
        ("Ann Hart, 3rd Countess of Leigh", "ANN HART", "HART"),
        ("Earl Duke", "EARL DUKE", "DUKE"),
        ("Maria", "MARIA", ""),
    ],
)
def test_a_whole_name_ends_in_its_surname_when_titles_are_off(connection, written, whole, surname) -> None:
    assert value(connection, "whole_name($v)", written) == whole
    assert value(connection, "surname_at_end(whole_name($v))", written) == surname


def test_md_behind_one_word_and_a_comma_is_a_given_name(connection) -> None:
    assert value(connection, "whole_name($v)", "Rahman, Md") == "RAHMAN, MD"


@pytest.mark.parametrize(
    ("words", "bare", "suffix"),
    [("GARCIA JR", "GARCIA", "JR"), ("KING III", "KING", "III"), ("SENIOR", "SENIOR", None), ("LEE", "LEE", None)],
)
def test_a_suffix_comes_out_of_the_name_unless_it_is_the_name(connection, words, bare, suffix) -> None:
    assert value(connection, "without_suffix($v)", words) == bare
    assert value(connection, "trailing_suffix($v)", words) == suffix


@pytest.mark.parametrize(
    ("written", "generation"),
    [("Jr.", "JR"), ("2nd", "JR"), ("II", "JR"), ("Sr", "SR"), ("3rd", "III"), ("IV", "IV"), ("MD", None)],
)
def test_a_suffix_says_a_generation(connection, written, generation) -> None:
    assert value(connection, "generation_of($v)", written) == generation


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("GARCIA LOPEZ", ["GARCIA", "LOPEZ"]),
        ("DE LA CRUZ GARCIA", ["DELACRUZ", "GARCIA"]),
        ("VAN DER BERG", ["VANDERBERG"]),
        ("LEE", ["LEE"]),
        ("GARCIA L", ["GARCIA"]),
    ],
)
def test_particles_belong_to_the_surname_part_that_follows(connection, words, parts) -> None:
    assert value(connection, "surname_parts($v)", words) == parts


@pytest.mark.parametrize(
    ("field", "words", "kind"),
    [
        ("first", "UNKNOWN", "unknown"),
        ("first", "BABY BOY", "description"),
        ("first", "BABY GIRL GARCIA", "newborn"),
        ("first", "MALE CHILD", "description"),
        ("first", "LADY OF THE HOUSE", "description"),
        ("first", "CHILD F", "description"),
        ("first", "XXX", "one_letter_repeated"),
        ("first", "TEST", "test"),
        ("first", "REFUSED", "description"),
        ("first", "YOUNG", None),
        ("first", "SON", None),
        ("first", "MARIA", None),
        ("last", "YOUNG", None),
        ("last", "HOUSE", None),
        ("last", "RESIDENT", "description"),
        ("last", "RESPONDANT", "description"),
        ("last", "DE LA CASA", "description"),
        ("last", "THREE", "description"),
        ("last", "NO LAST NAME", "unknown"),
        ("last", "E", "one_letter"),
        ("last", "DE LA O", None),
        ("first", "HIJO", "description"),
        ("first", "E", None),
        ("last", "UNK", "unknown"),
        ("whole", "JOHN DOE", "doe"),
        ("whole", "JANE M DOE", "doe"),
        ("whole", "EMILY DOE", None),
        ("whole", "TRAUMA ALPHA", "trauma"),
    ],
)
def test_what_clerks_write_for_an_unknown_name_is_no_name(connection, field, words, kind) -> None:
    macro = {"first": "first_name_placeholder", "last": "last_name_placeholder", "whole": "whole_name_placeholder"}
    assert value(connection, f"{macro[field]}($v)", words) == kind


@pytest.mark.parametrize(
    ("written", "ssn", "itin", "last4"),
    [
        ("139-47-6997", "139476997", None, "6997"),
        ("139476997", "139476997", None, "6997"),
        ("XXX-XX-1234", None, None, "1234"),
        ("XXXXX1234", None, None, "1234"),
        ("1234", None, None, "1234"),
        ("0000", None, None, None),
        ("000-12-3456", None, None, None),
        ("666-12-3456", None, None, None),
        ("123-00-4567", None, None, None),
        ("123-45-0000", None, None, None),
        ("123-45-6789", None, None, None),
        ("078-05-1120", None, None, None),
        ("777777777", None, None, None),
        ("999999999", None, None, None),
        ("912-70-1234", None, "912701234", None),
        ("912-12-1234", None, None, None),
        ("13947699", "13947699", None, None),
        ("I39-47-6997", "139476997", None, "6997"),
        (None, None, None, None),
    ],
)
def test_only_a_number_that_can_have_been_issued_is_an_ssn(connection, written, ssn, itin, last4) -> None:
    row = connection.execute(
        "select ssn_of($v, read_digits($v), masked_last4($v)), itin_of(read_digits($v)), "
        "last4_of(read_digits($v), masked_last4($v))",
        {"v": written},
    ).fetchall()[0]
    assert row == (ssn, itin, last4)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1980-12-31", "19801231"),
        ("19801231", "19801231"),
        ("12/31/1980", "19801231"),
        ("1/2/1980", "19800102"),
        ("31/12/1980", "19803112"),
        ("O4/16/1941", "19410416"),
        ("soon", None),
        (None, None),
    ],
)
def test_a_birth_date_is_eight_digits_year_first_even_if_impossible(connection, written, code) -> None:
    assert value(connection, "birth_code($v)", written) == code


@pytest.mark.parametrize(("code", "kind"), [("19000101", "default_birth_date"), ("19800101", None), ("19801231", None)])
def test_the_lowest_date_of_a_screen_is_no_birth_date_but_new_year_is_kept(connection, code, kind) -> None:
    assert value(connection, "birth_date_placeholder($v)", code) == kind


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("+1 (213) 555-1212", "2135551212"),
        ("213.555.1212", "2135551212"),
        ("2130000000", None),
        ("000-000-0000", None),
        ("555-1212", None),
    ],
)
def test_a_phone_is_its_last_ten_digits(connection, written, phone) -> None:
    assert value(connection, "phone_of($v)", written) == phone


@pytest.mark.parametrize(
    ("written", "zip5"),
    [("98103-1234", "98103"), ("98103", "98103"), ("ng9 8py", "NG98PY"), ("4350", "4350"), ("00000", None)],
)
def test_a_zip_code_is_five_digits_and_a_foreign_one_has_no_blanks(connection, written, zip5) -> None:
    assert value(connection, "zip5_of($v)", written) == zip5


@pytest.mark.parametrize(
    ("written", "words", "unit"),
    [
        ("31 Main St. Apt 4B", ["31", "MAIN", "ST"], "4B"),
        ("21191 lotus # 923 pkwy", ["21191", "LOTUS", "PKWY"], "923"),
        ("12 Flower St", ["12", "FLOWER", "ST"], None),
        ("PO Box 12", ["PO", "BOX", "12"], None),
    ],
)
def test_the_unit_comes_out_of_the_street_line(connection, written, words, unit) -> None:
    assert value(connection, "street_words(folded_text($v))", written) == words
    assert value(connection, "unit_of(folded_text($v))", written) == unit


@pytest.mark.parametrize(
    ("written", "kind"),
    [("TRANSIENT", "no_fixed_address"), ("GENERAL DELIVERY", "no_fixed_address"), ("31 MAIN ST", None)],
)
def test_no_fixed_address_is_no_address(connection, written, kind) -> None:
    assert value(connection, "address_placeholder($v)", written) == kind


def test_an_id_of_noughts_or_nines_is_not_shared(connection) -> None:
    assert value(connection, "shared_id('cin', $v)", "9123-4567a") == "cin:91234567A"
    assert value(connection, "shared_id('cin', $v)", "00000000A") is None
    assert value(connection, "shared_id('cin', $v)", "99999999") is None


def test_a_client_key_is_positive_and_the_same_everywhere(connection) -> None:
    row = connection.execute("select client_key('sheriff', 'M1'), client_key('sheriff', 'M1')").fetchall()[0]
    assert row[0] == row[1] > 0
