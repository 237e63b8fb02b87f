"""`countylink train`: from identities to a model bundle, without labels.

Belongs here: the estimation. u is counted on random pairs, m by expectation-maximisation on pairs that agree on one
field while the others are weighed. Never run at night: a nightly run scores with a pinned bundle.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from splink import block_on

from linkage_rules.bundle import write_manifest
from linkage_rules.comparisons import LADDERS, Ladder, same
from linkage_rules.settings import Settings, term_frequency_columns, untrained_settings, with_blocking
from linkage_rules.thresholds import thresholds
from pipelines import sql
from pipelines.errors import ModelError, UnlearntError
from pipelines.lake import Lake, new_folder
from pipelines.link.candidates import TABLE, make_candidates
from pipelines.link.model_card import model_card
from pipelines.link.sampling import Chances, chance_agreements
from pipelines.link.scoring import make_linker, register_term_frequencies, unquoted_errors

SESSIONS: tuple[tuple[str, ...], ...] = (("birth_code",), ("first_name", "last_name"), ("ssn",))
"""Fields on which pairs agree while the other fields' m is estimated; together they leave every ladder free once."""

RANDOM_PAIRS = 3_000_000
SESSION_PAIRS = 2_000_000
SEED = 20261101
"""Any number, as long as it stays: the same table gives the same sample."""

LEAST_SHARE, ENOUGH = 0.005, 100
"""A field known of fewer identities than this share, and of fewer than so many, cannot be weighed and takes no part. A
suffix is known of one in two hundred, and yet of hundreds in a county."""

LEAST_M = 1e-4
"""The share of true pairs on a level that none was seen on; stated, and reported as such. Never above the share of
chance pairs: a level that nobody stands on must not speak for a match."""

LEAST_U = 1e-7

UNMET = 0.01
"""The share of a comparison's exact agreements below which a level counts as one that nobody stood on."""

LEAST_BEARERS = 0.5
"""Other clients that a value is taken to have if all that hold it may be one person: half of one is not none."""


@dataclass(frozen=True)
class TrainingReport:
    """How a bundle came to be: counts and names of levels, no value of any record."""

    version: str
    identities: int
    ladders: tuple[str, ...]
    fields_left_out: tuple[str, ...]
    levels_trained: int
    levels_stated: tuple[str, ...]
    """Levels with a fixed u, or an m that no pair taught; `ladder: level`."""
    expected_pairs: float
    random_pairs: int


def train(source: Lake | Path, out: Path, version: str, *, seed: int = SEED) -> TrainingReport:
    """Train on standard/identities of a lake, or on a Parquet file of that shape, into the new folder `out`."""
    path = source.path("standard", "identities") if isinstance(source, Lake) else source
    connection = sql.connect(places=[path.parent, out.parent])
    try:
        connection.execute("create schema if not exists standard")
        connection.execute(f"create view standard.identities as from read_parquet({sql.literal(str(path))})")
        return train_on(connection, out, version, seed=seed)
    finally:
        connection.close()


def train_on(connection: duckdb.DuckDBPyConnection, out: Path, version: str, *, seed: int = SEED) -> TrainingReport:
    """Train on standard.identities of a connection into the new folder `out`."""
    ladders = usable_ladders(connection)
    settings, stated, expected = _estimate(connection, ladders, seed)
    identities = sql.count(connection, "standard.identities")
    clients = _clients(connection)
    report = TrainingReport(
        version=version,
        identities=identities,
        ladders=tuple(ladder.name for ladder in ladders),
        fields_left_out=tuple(ladder.name for ladder in LADDERS if ladder not in ladders),
        levels_trained=sum(len(ladder.levels) for ladder in ladders) - len(ladders) - len(stated),
        levels_stated=stated,
        expected_pairs=round(expected, 1),
        random_pairs=RANDOM_PAIRS,
    )
    with new_folder(out) as folder:
        (folder / "model.json").write_text(json.dumps(settings, indent=1, sort_keys=True), encoding="utf-8")
        _write_term_frequencies(connection, settings, folder / "term_frequencies")
        (folder / "MODEL_CARD.md").write_text(model_card(report, settings), encoding="utf-8")
        trained_on = {"identities": identities, "clients": clients, "seed": seed}
        write_manifest(folder, version, trained_on, 1.0 / max(clients, 1), thresholds())
    return report


def usable_ladders(connection: duckdb.DuckDBPyConnection) -> list[Ladder]:
    """The ladders whose fields are known often enough to be weighed."""
    identities = sql.count(connection, "standard.identities")
    if identities < 2:
        raise ModelError("there are no identities to train on; run standardise first")
    least = max(2, min(LEAST_SHARE * identities, ENOUGH))
    return [ladder for ladder in LADDERS if _known(connection, ladder) >= least]


def _known(connection: duckdb.DuckDBPyConnection, ladder: Ladder) -> int:
    known = " or ".join(
        "len(shared_ids) > 0" if name == "shared_ids" else f"{name} is not null" for name in ladder.needs
    )
    ((count,),) = connection.execute(f"select count(*) from standard.identities where {known}").fetchall()
    return int(count)


def _estimate(
    connection: duckdb.DuckDBPyConnection, ladders: Sequence[Ladder], seed: int
) -> tuple[Settings, tuple[str, ...], float]:
    """Trained settings, the levels that were stated rather than trained, and the true pairs expected."""
    chances = chance_agreements(connection, ladders, RANDOM_PAIRS, seed)
    rules = make_candidates(connection)
    population = sql.count(connection, TABLE)
    settings = _with_chances(untrained_settings(ladders), chances)
    settings["probability_two_random_records_match"] = 1.5 / population
    with unquoted_errors("training"):
        settings, stated = _complete(_maximise(connection, settings))
        expected = 0.0
        for _ in range(2):
            count_bearers(connection, settings, 2 * expected / population)
            expected = _expected_pairs(connection, with_blocking(settings, rules))
            prior = expected / (population * (population - 1) / 2)
            settings = _without_true_pairs(_with_chances(settings, chances), prior)
            settings["probability_two_random_records_match"] = max(prior, 1e-12)
    count_bearers(connection, settings, 2 * expected / population)
    settings = _with_exact_agreement(settings)
    return settings, stated, expected


def _with_chances(settings: Settings, chances: Chances) -> Settings:
    """Set each level's u to what was counted, unless it is stated."""
    for comparison, level in _levels(settings):
        key = (comparison["output_column_name"], level["label_for_charts"])
        if key in chances and not _is_stated(key):
            level["u_probability"] = chances[key]
            level["fix_u_probability"] = True
    return settings


def _is_stated(key: tuple[str, str]) -> bool:
    return any(
        (ladder.name, level.label) == key and level.fixed_u is not None for ladder in LADDERS for level in ladder.levels
    )


def _maximise(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Settings:
    """Estimate every m by expectation-maximisation, one session for each field that pairs agree on."""
    linker = make_linker(connection, TABLE, settings)
    for fields in SESSIONS:
        if _pairs_agreeing(connection, fields):
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*fields), max_pairs=SESSION_PAIRS
            )
    trained: Settings = linker.misc.save_model_to_json()
    linker.table_management.delete_tables_created_by_splink_from_db()
    return trained


def _pairs_agreeing(connection: duckdb.DuckDBPyConnection, fields: Sequence[str]) -> bool:
    known = " and ".join(f"{field} is not null" for field in fields)
    query = f"select 1 from {TABLE} where {known} group by {', '.join(fields)} having count(*) > 1 limit 50"
    return len(connection.execute(query).fetchall()) == 50


def _complete(settings: Settings) -> tuple[Settings, tuple[str, ...]]:
    """State an m for levels that no true pair was seen on; refuse a comparison of which nothing was learnt."""
    stated, learnt = [], set()
    for comparison, level in _levels(settings):
        name = comparison["output_column_name"]
        if isinstance(level.get("m_probability"), float):
            learnt.add(name)
            level["m_probability"] = min(max(level["m_probability"], LEAST_M), 1 - LEAST_M)
        else:
            level["m_probability"] = min(LEAST_M, level["u_probability"])
            stated.append(f"{name}: {level['label_for_charts']}")
    dumb = sorted({comparison["output_column_name"] for comparison in settings["comparisons"]} - learnt)
    if dumb:
        raise UnlearntError(f"nothing could be learnt about {', '.join(dumb)}; train on more records")
    return settings, tuple(stated)


def _expected_pairs(connection: duckdb.DuckDBPyConnection, settings: Settings) -> float:
    """True pairs among the candidates, by the model's own reckoning."""
    linker = make_linker(connection, TABLE, settings)
    register_term_frequencies(connection, linker, settings)
    scored = linker.inference.predict()
    ((expected,),) = connection.execute(f"select fsum(match_probability) from {scored.physical_name}").fetchall()
    linker.table_management.delete_tables_created_by_splink_from_db()
    return float(expected or 0.0)


def _without_true_pairs(settings: Settings, prior: float) -> Settings:
    """Take out of each u the true pairs that stood in the random sample: u = prior × m + (1 − prior) × true u."""
    for comparison, level in _levels(settings):
        if not _is_stated((comparison["output_column_name"], level["label_for_charts"])):
            clean = (level["u_probability"] - prior * level["m_probability"]) / (1 - prior)
            level["u_probability"] = min(max(clean, 0.02 * level["u_probability"], LEAST_U), 1 - LEAST_U)
    return settings


def _levels(settings: Mapping[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [
        (comparison, level)
        for comparison in settings["comparisons"]
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    ]


def count_bearers(connection: duckdb.DuckDBPyConnection, settings: Settings, others_of_own: float) -> None:
    """Make linkage.tf_<column>: how common each value is among other persons, counted once per client.

    `others_of_own` is how many more clients a client's person has; they are taken out. Else a name would look common
    because the one who bears it is often seen.
    """
    for column in term_frequency_columns(settings):
        connection.execute(
            f"create or replace table linkage.tf_{column} as "
            f"with held as (select distinct client_key, {column} from standard.identities where {column} is not null), "
            f"counted as (select {column}, count(*) as bearers from held group by {column}) "
            f"select {column}, greatest(bearers - 1 - {others_of_own}, {LEAST_BEARERS}) "
            f"/ sum(bearers) over () as tf_{column} from counted"
        )


def _with_exact_agreement(settings: Settings) -> Settings:
    """Give the level that Splink measures rarity against its chance where nobody stood on it.

    Splink multiplies the chance of the bare exact agreement by how much rarer a value is than usual; on a table without
    addresses nobody holds the same surname at another home, but at an unknown one.
    """
    for comparison in settings["comparisons"]:
        for column in term_frequency_columns({"comparisons": [comparison]}):
            levels = [level for level in comparison["comparison_levels"] if level.get("tf_adjustment_column") == column]
            chance = sum(level["u_probability"] for level in levels)
            for level in levels:
                if _plain(level) == same(column) and level["u_probability"] < UNMET * chance:
                    level["u_probability"] = level["m_probability"] = chance
    return settings


def _plain(level: Mapping[str, Any]) -> str:
    """A level's condition as the ladders write it; Splink quotes the columns."""
    return str(level["sql_condition"]).replace('"', "")


def _write_term_frequencies(connection: duckdb.DuckDBPyConnection, settings: Settings, folder: Path) -> None:
    folder.mkdir()
    for column in term_frequency_columns(settings):
        connection.sql(f"from linkage.tf_{column} order by {column}").write_parquet(
            str(folder / f"{column}.parquet"), compression="zstd"
        )


def _clients(connection: duckdb.DuckDBPyConnection) -> int:
    ((clients,),) = connection.execute("select count(distinct client_key) from standard.identities").fetchall()
    return int(clients)


logging.getLogger("splink").setLevel(logging.CRITICAL)
