"""The flat person records that linkage is measured on: their columns, their truth, and how often they err."""

import random
from pathlib import Path

import polars as pl
import pytest

from synthetic.person_records import RecordsSummary, generate_records
from synthetic.person_records.slips import day_and_month_swapped, misheard, misread, mistyped, wrong_digits
from synthetic.person_records.writing import COLUMNS

RECORDS = 12_000
KEY = ["source", "source_record_id"]


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("hard")).folder


def made(folder: Path, seed: int = 1, ssn_kept: float = 1.0, noise: str = "hard") -> RecordsSummary:
    return generate_records(folder, records=RECORDS, seed=seed, ssn_kept=ssn_kept, noise=noise)


def read(folder: Path) -> pl.DataFrame:
    records, truth = (pl.read_parquet(folder / f"{name}.parquet") for name in ("records", "truth"))
    return records.join(truth, on=KEY, validate="1:1")


def true_pairs(folder: Path) -> pl.DataFrame:
    rows = read(folder)
    pairs = rows.join(rows, on="person_id", suffix="_other")
    return pairs.filter(pl.concat_str(KEY) < pl.concat_str(f"{name}_other" for name in KEY))


def test_the_columns_are_those_of_the_labelled_sets_all_text_but_the_year(hard: Path) -> None:
    schema = pl.read_parquet_schema(hard / "records.parquet")
    assert tuple(schema) == COLUMNS
    assert all(kind == pl.String for name, kind in schema.items() if name != "event_year")
    assert schema["event_year"] == pl.Int64


def test_the_truth_names_every_record_once(hard: Path) -> None:
    records, truth = (pl.read_parquet(hard / f"{name}.parquet") for name in ("records", "truth"))
    assert records.height == truth.height == RECORDS
    assert records.select(KEY).equals(truth.select(KEY))
    assert records.select(KEY).is_duplicated().sum() == 0
    assert truth["person_id"].null_count() == 0


def test_nothing_else_is_left_in_the_folder(hard: Path) -> None:
    assert sorted(path.name for path in hard.iterdir()) == ["records.parquet", "truth.parquet"]


def test_the_same_seed_makes_the_same_bytes_and_another_seed_others(hard: Path, tmp_path: Path) -> None:
    again, other = made(tmp_path / "again").folder, made(tmp_path / "other", seed=2).folder
    for name in ("records.parquet", "truth.parquet"):
        assert (again / name).read_bytes() == (hard / name).read_bytes()
        assert (other / name).read_bytes() != (hard / name).read_bytes()


def test_records_are_not_written_over(hard: Path) -> None:
    with pytest.raises(FileExistsError, match="name another folder"):
        made(hard)


def test_a_noise_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="standard, hard, brutal"):
        made(tmp_path, noise="soft")


def test_a_person_has_about_two_and_a_half_records_and_some_have_many(hard: Path) -> None:
    counts = read(hard).group_by("person_id").len()["len"]
    assert 2.2 < counts.mean() < 2.7  # type: ignore[operator]
    assert 0.42 < (counts == 1).mean() < 0.58  # type: ignore[operator]
    assert counts.max() >= 15  # type: ignore[operator]


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("first_name", 0.85, 0.92),
        ("last_name", 0.89, 0.95),
        ("dob", 0.84, 0.90),
        ("ssn", 0.71, 0.81),
        ("sex", 0.94, 0.98),
        ("race", 0.94, 0.98),
        ("address", 0.70, 0.80),
        ("zip", 0.78, 0.87),
        ("state", 0.94, 0.98),
    ],
)
def test_the_share_of_true_pairs_that_agree_is_that_of_the_labelled_sets(
    hard: Path, field: str, least: float, most: float
) -> None:
    both = true_pairs(hard).select(field, f"{field}_other").drop_nulls()
    assert least < both.select((pl.col(field) == pl.col(f"{field}_other")).mean()).item() < most


def test_the_louder_the_noise_the_fewer_first_names_agree(tmp_path: Path) -> None:
    agree = []
    for noise in ("standard", "hard", "brutal"):
        both = true_pairs(made(tmp_path / noise, noise=noise).folder).select("first_name", "first_name_other")
        agree.append(both.drop_nulls().select((pl.col("first_name") == pl.col("first_name_other")).mean()).item())
    assert agree[0] > agree[1] + 0.03 > agree[2] + 0.06


def test_three_in_ten_ssns_are_kept_when_asked_for(hard: Path, tmp_path: Path) -> None:
    kept = read(made(tmp_path, ssn_kept=0.3).folder)["ssn"].is_not_null().mean()
    assert kept == pytest.approx(0.3 * read(hard)["ssn"].is_not_null().mean(), rel=0.06)  # type: ignore[operator]


def test_only_the_homeless_system_writes_the_last_four_digits_of_an_ssn(hard: Path) -> None:
    short = read(hard).filter(pl.col("ssn").str.starts_with("XXX-XX-"))
    assert short["source"].unique().to_list() == ["hmis"]
    assert short.height > 100


def test_most_sources_write_the_initial_of_a_middle_name(hard: Path) -> None:
    whole = read(hard).filter(pl.col("middle_name").str.len_chars() > 1)
    assert whole["source"].unique().to_list() == ["health"]


def test_housemates_share_a_surname_more_often_than_not(hard: Path) -> None:
    rows = read(hard).group_by("person_id").agg(pl.col("last_name", "address").drop_nulls().mode().first())
    small = rows.filter(pl.len().over("address") < 8).drop_nulls()
    pairs = small.join(small, on="address", suffix="_other").filter(pl.col("person_id") < pl.col("person_id_other"))
    assert 0.5 < pairs.select((pl.col("last_name") == pl.col("last_name_other")).mean()).item() < 0.8


def test_some_addresses_are_group_quarters_of_a_tenth_of_the_people(hard: Path) -> None:
    rows = read(hard).group_by("person_id").agg(pl.col("address").drop_nulls().mode().first()).drop_nulls()
    crowded = rows.filter(pl.len().over("address") > 40)
    assert 0.07 < crowded.height / rows.height < 0.18


def test_more_people_have_more_surnames(hard: Path) -> None:
    rows = read(hard)
    half = rows.filter(pl.col("person_id") < rows["person_id"].sort()[RECORDS // 2])
    assert rows["last_name"].n_unique() > 1.4 * half["last_name"].n_unique()


def test_slips_change_letters_only_as_often_as_told() -> None:
    rng = random.Random(3)
    for slip in (mistyped, misread, misheard, wrong_digits):
        assert slip(rng, "Kathleen 1987", 0.0) == "Kathleen 1987"
    assert wrong_digits(rng, "Kathleen 1987", 1.0).startswith("Kathleen ")
    assert mistyped(rng, "Kathleen", 1.0) != "Kathleen"


def test_day_and_month_change_places() -> None:
    assert day_and_month_swapped("09/27/1952") == "27/09/1952"
    assert day_and_month_swapped("9/27/1952") == "9/27/1952"
