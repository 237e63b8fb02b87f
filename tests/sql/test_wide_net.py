"""The wide net: pairs that share one weak feature and that nothing else put before anybody."""

from __future__ import annotations

import duckdb
import pytest

from pipelines import sql

PACKAGE = "pipelines.review"

IDENTITIES = """
    create table standard.identities as select * from (values
        (1::bigint, 'SMITH', 'JOHN', '19800102', 1980, null, null, '90001'),
        (2, 'SMYTHE', 'PETER', '19801130', 1980, null, null, '90002'),
        (3, 'OKAFOR', 'ADA', '19801130', 1980, null, '6789', '90003'),
        (4, 'NOVAK', 'EVA', null, null, '123456789', null, '90004'),
        (4, 'NOVAKOVA', 'EVA', null, null, '123456789', null, '90004'),
        (5, 'LEE', 'JIM', null, null, null, null, null)
    ) as t (client_key, last_name, first_token, birth_code, birth_year, ssn, ssn_last4, zip5)
"""


@pytest.fixture
def net() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for schema in ("standard", "review", "linkage", "linked"):
        connection.execute(f"create schema {schema}")
    connection.execute(IDENTITIES)
    connection.execute(sql.text(PACKAGE, "macros"))
    for links in ("linkage.links", "linked.links"):
        connection.execute(f"create table {links} (client_key_l bigint, client_key_r bigint)")
    connection.execute("create table review.frame_clients as select unnest([1, 2, 3, 4, 5]) as client_key")
    connection.execute("alter table review.frame_clients add column cluster_id bigint")
    connection.execute("update review.frame_clients set cluster_id = client_key")
    sql.create(connection, "review", PACKAGE, "net_features")
    return connection


def caught(net: duckdb.DuckDBPyConnection, kept_ppm: int = 1_000_000) -> list[tuple[int, int]]:
    return sorted(sql.relation(net, PACKAGE, "net_pairs", {"seed": 1, "kept_ppm": kept_ppm}).fetchall())


@pytest.mark.parametrize(
    ("name", "code"),
    [("ROBERT", "R163"), ("RUPERT", "R163"), ("TYMCZAK", "T522"), ("ASHCRAFT", "A261"), ("LEE", "L000")],
)
def test_names_that_sound_alike_have_one_code(net, name: str, code: str) -> None:
    assert net.execute("select soundex($name)", {"name": name}).fetchall() == [(code,)]


def test_one_weak_feature_is_enough_and_an_alias_is_no_pair_of_its_own(net) -> None:
    assert caught(net) == [
        (1, 2),  # sound alike, born in one year
        (2, 3),  # one birth date
        (3, 4),  # last four digits
    ]


def test_what_a_rule_met_or_the_linkage_put_together_is_not_in_the_net(net) -> None:
    net.execute("insert into linkage.links values (2, 1)")
    net.execute("update review.frame_clients set cluster_id = 3 where client_key = 4")
    assert caught(net) == [(2, 3)]


def test_the_size_of_the_net_counts_a_pair_for_each_feature_that_it_shares(net) -> None:
    assert sql.relation(net, PACKAGE, "net_size").fetchall() == [(3,)]


def test_a_thinned_net_keeps_a_part_of_the_same_pairs(net) -> None:
    net.execute("insert into standard.identities select 100 + n, null, null, '19990101', 1999, null, null, null "
                "from range(100) as t (n)")  # fmt: skip
    net.execute("insert into review.frame_clients select 100 + n, 100 + n from range(100) as t (n)")
    sql.create(net, "review", PACKAGE, "net_features")
    thinned = caught(net, 100_000)
    assert set(thinned) < set(caught(net))
    assert len(thinned) == pytest.approx(0.1 * 4950, rel=0.2)


def test_a_thinned_stratum_stands_for_all_its_pairs(net) -> None:
    net.execute(
        "create table review.pair_frame as select false as is_linked, n < 5 as is_met, 0 as band, true as has_ssn, "
        "-8.0::double as match_weight from range(9) as t (n)"
    )
    rows = sql.relation(net, PACKAGE, "strata", {"kept_ppm": 10_000}).fetchall()
    assert [(row[1], row[4], row[6]) for row in rows] == [(True, 5, 5), (False, 4, 400)]
