"""Which pairs are met."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage_rules import blocking
from pipelines.link import candidates
from tests.linkage.records import standardised

BASE = {
    "first_name": "Maria", "last_name": "Garcia Lopez", "dob": "1980-12-05", "ssn": "139-47-6997",
    "address": "31 Main St", "zip": "90001",
}  # fmt: skip


def rules_that_meet(tmp_path: Path, left: dict[str, str | None], right: dict[str, str | None]) -> set[str]:
    connection = standardised(tmp_path, [left, right])
    rules = candidates.make_candidates(connection)
    met = {
        rule.name
        for rule in rules
        if connection.execute(
            f"select count(*) from (select {rule.column} from {candidates.TABLE} where {rule.column} is not null "
            "group by 1 having count(*) > 1)"
        ).fetchall()
        == [(1,)]
    }
    connection.close()
    return met


@pytest.mark.parametrize(
    "damage",
    [
        {"ssn": None},
        {"dob": "1955-03-22", "ssn": None},
        {"last_name": "Smith", "ssn": None},
        {"first_name": "Unknown", "ssn": None},
        {"first_name": "Garcia Lopez", "last_name": "Maria", "ssn": None},
        {"dob": "1980-05-12", "ssn": None, "first_name": "Mria"},
        {"last_name": "Lopez", "dob": "1980-12-31", "ssn": None},
        {"ssn": "XXX-XX-6997", "first_name": "Mary", "dob": "1981-12-05"},
        {"last_name": "Smith", "dob": "1955-03-22", "ssn": None},
        {"first_name": "Unknown", "dob": "1955-03-22", "ssn": None, "address": None, "zip": None},
        {"first_name": "Bridget", "dob": None, "ssn": "139-47-9697"},
        {"first_name": "Mry", "last_name": "Garzia Lope", "dob": "1955-12-05", "ssn": None, "address": "31 Mian"},
        {"first_name": "Bridget", "last_name": "Gxrcia", "dob": None, "ssn": None, "address": "31 Mxxn Av"},
        {"first_name": "Garcia Lopez", "last_name": None, "ssn": None, "dob": None},
    ],
)
def test_a_pair_with_damaged_fields_is_still_met(tmp_path, damage) -> None:
    assert rules_that_meet(tmp_path, BASE, BASE | damage)


def test_a_shared_address_alone_meets_nobody(tmp_path) -> None:
    other = {
        "first_name": "Bridget",
        "last_name": "Smith",
        "dob": "1955-03-22",
        "address": "31 Main St",
        "zip": "90001",
    }
    assert rules_that_meet(tmp_path, BASE, other) == set()


def test_an_oversized_block_is_refined_and_keeps_those_who_agree_further(tmp_path) -> None:
    crowd = [
        {
            "first_name": f"A{chr(65 + n // 26)}{chr(65 + n % 26)}",
            "last_name": f"Z{chr(65 + n % 26)}",
            "dob": "1980-12-05",
        }
        for n in range(blocking.MAX_BLOCK + 10)
    ]
    pair = [{"first_name": "Bea", "last_name": "Quist", "dob": "1980-12-05"}] * 2
    connection = standardised(tmp_path, [*crowd, *pair])
    candidates.make_candidates(connection)
    blocks = connection.execute(
        f"select count(*) from {candidates.TABLE} where first_name = 'BEA' and key_same_birth_date is not null "
        "group by key_same_birth_date"
    ).fetchall()
    assert blocks == [(2,)]
    sizes = connection.execute(
        f"select max(n) from (select count(*) as n from {candidates.TABLE} group by key_same_birth_date)"
    ).fetchall()
    assert sizes[0][0] <= blocking.MAX_BLOCK
    connection.close()


def test_blocks_grow_smaller_as_the_county_grows_and_by_whole_doublings() -> None:
    counties = (10, 65_536, 131_072, 1_000_000, 5_000_000, 50_000_000)
    assert [blocking.max_block(identities) for identities in counties] == [100, 100, 84, 50, 35, 18]
    assert [blocking.max_block(identities, is_weak=True) for identities in counties] == [100, 100, 50, 6, 2, 0]
    assert blocking.max_block(1_000_000) == blocking.max_block(1_050_000)


def test_rules_have_names_reasons_and_ways_to_be_refined() -> None:
    assert len({rule.name for rule in blocking.RULES}) == len(blocking.RULES)
    assert all(rule.reason and rule.refine for rule in blocking.RULES)
