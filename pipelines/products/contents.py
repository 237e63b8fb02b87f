"""The tables of a product: rows of a release that this recipient may hold, under the names it knows persons by."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from pipelines.products.basis import Grounds
from pipelines.products.de_identify import SHIFT, DeIdentifier
from pipelines.products.definition import KEY_COLUMN, Population, Product
from pipelines.products.law import Law
from pipelines.products.people import RELEASE_KEY

MEASURE, PROGRAM, PROVIDER = "measure_id", "program_code", "provider_id"

Tables = Mapping[str, pl.DataFrame]


def contents(product: Product, grounds: Grounds, law: Law, release: Path, people: pl.DataFrame | None) -> Tables:
    """Every table of a product, its columns in the order of the definition, its rows sorted by all of them.

    Args:
        people: who may be in it, with both keys; None for public aggregates, which hold nobody.
    """
    if people is not None:
        people = _population(product.population, release, people)
    return {name: _table(name, product, grounds, law, release, people) for name in product.tables}


def _population(population: Population, release: Path, people: pl.DataFrame) -> pl.DataFrame:
    """Persons with a row of the programmes and measures named."""
    rows = pl.read_parquet(release / "person_measures.parquet", columns=[KEY_COLUMN, PROGRAM, MEASURE])
    if population.programs:
        rows = rows.filter(pl.col(PROGRAM).is_in(population.programs))
    if population.measures:
        rows = rows.filter(pl.col(MEASURE).is_in(population.measures))
    if not (population.programs or population.measures):
        return people
    return people.join(rows.select(pl.col(KEY_COLUMN).alias(RELEASE_KEY)).unique(), on=RELEASE_KEY, how="semi")


def _table(
    name: str, product: Product, grounds: Grounds, law: Law, release: Path, people: pl.DataFrame | None
) -> pl.DataFrame:
    rows = pl.read_parquet(release / f"{name}.parquet")
    if MEASURE in rows.columns:
        rows = rows.filter(pl.col(MEASURE).is_in([one.id for one in grounds.measures]))
    if people is not None and KEY_COLUMN in rows.columns:
        rows = rows.rename({KEY_COLUMN: RELEASE_KEY}).join(people, on=RELEASE_KEY, how="inner")
    rows = _without_part2(rows, grounds, law)
    kept = list(product.tables[name])
    if product.de_identification is not None:
        rows = rows.rename({"zip5": "zip3"}) if "zip3" in kept else rows
        columns = kept + ([SHIFT] if SHIFT in rows.columns else [])
        rows = DeIdentifier(product.de_identification, law).table(name, rows.select(columns))
    else:
        rows = rows.select(kept)
    return rows.sort(rows.columns, nulls_last=True)


def _without_part2(rows: pl.DataFrame, grounds: Grounds, law: Law) -> pl.DataFrame:
    """Without rows of substance use programmes, unless a basis reaches them; with consent, of those who gave it."""
    of_programme = _is_of_programme(rows, law.part2_providers)
    if of_programme is None or (grounds.part2 is not None and not grounds.part2.needs_consent):
        return rows
    if grounds.part2 is not None and "has_part2_consent" in rows.columns:
        return rows.filter(~of_programme | pl.col("has_part2_consent"))
    return rows.filter(~of_programme)


def _is_of_programme(rows: pl.DataFrame, providers: frozenset[str]) -> pl.Expr | None:
    if PROVIDER in rows.columns:
        return pl.col(PROVIDER).is_in(sorted(providers)).fill_null(value=False)
    if {"cut_code", "cut_value"} <= set(rows.columns):
        return (pl.col("cut_code") == "provider") & pl.col("cut_value").is_in(sorted(providers))
    return None
