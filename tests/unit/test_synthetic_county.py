"""A small synthetic county, whole: its deliveries, its truth, and that they fit each other."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import yaml

from synthetic.county import CountySummary, full_extract, generate
from synthetic.settings import load_settings

PEOPLE, SEED, DAYS = 6_000, 11, 4
ROOT = Path(__file__).parents[2]

CLIENT_TABLES = {
    "sheriff": ("person", "main_number"),
    "health": ("patient", "mrn"),
    "hmis": ("Client", "PersonalID"),
    "fhsp": ("tenancy", "client_id"),
    "mental_health": ("client", "client_id"),
}
KEYS = {
    "sheriff/person": ["main_number"],
    "sheriff/alias": ["alias_id"],
    "sheriff/booking": ["booking_number"],
    "sheriff/charge": ["charge_id"],
    "sheriff/release": ["booking_number"],
    "health/patient": ["mrn"],
    "health/encounter": ["encounter_id"],
    "health/encounter_diagnosis": ["encounter_id", "sequence_number"],
    "mental_health/client": ["client_id"],
    "mental_health/crisis_encounter": ["crisis_id"],
    "mental_health/inpatient_stay": ["stay_id"],
    "mental_health/service": ["service_id"],
    "mental_health/fsp_enrollment": ["enrollment_id"],
    "mental_health/fsp_key_event": ["key_event_id"],
    "mental_health/fsp_quarterly": ["assessment_id"],
}
REFERENCES = [
    ("sheriff/booking", "main_number", "sheriff/person", "main_number"),
    ("sheriff/alias", "main_number", "sheriff/person", "main_number"),
    ("sheriff/charge", "booking_number", "sheriff/booking", "booking_number"),
    ("sheriff/release", "booking_number", "sheriff/booking", "booking_number"),
    ("health/encounter", "mrn", "health/patient", "mrn"),
    ("health/patient", "merged_into_mrn", "health/patient", "mrn"),
    ("health/encounter_diagnosis", "encounter_id", "health/encounter", "encounter_id"),
    ("mental_health/crisis_encounter", "client_id", "mental_health/client", "client_id"),
    ("mental_health/inpatient_stay", "client_id", "mental_health/client", "client_id"),
    ("mental_health/service", "client_id", "mental_health/client", "client_id"),
    ("mental_health/service", "provider_id", "mental_health/provider", "provider_id"),
    ("mental_health/fsp_enrollment", "client_id", "mental_health/client", "client_id"),
    ("mental_health/fsp_key_event", "enrollment_id", "mental_health/fsp_enrollment", "enrollment_id"),
    ("mental_health/fsp_quarterly", "enrollment_id", "mental_health/fsp_enrollment", "enrollment_id"),
    ("hmis/Enrollment", "PersonalID", "hmis/Client", "PersonalID"),
    ("hmis/Enrollment", "ProjectID", "hmis/Project", "ProjectID"),
    ("hmis/Exit", "EnrollmentID", "hmis/Enrollment", "EnrollmentID"),
    ("hmis/Services", "EnrollmentID", "hmis/Enrollment", "EnrollmentID"),
    ("hmis/Funder", "ProjectID", "hmis/Project", "ProjectID"),
    ("hmis/Project", "OrganizationID", "hmis/Organization", "OrganizationID"),
    ("fhsp/tenancy", "hmis_personal_id", "hmis/Client", "PersonalID"),
]
PLANTED = [
    "identical_twin",
    "father_and_son",
    "namesake",
    "duplicate_client",
    "merged_mrn",
    "booking_renumbered",
    "shelter_address",
    "doe",
    "anonymous",
    "baby_name",
    "name_change_unknown",
    "double_surname_variant",
    "given_name_variant",
    "transliteration_variant",
    "nickname",
    "typo",
    "first_last_swapped",
    "birth_swap",
    "birth_digit",
    "birth_year_off",
    "placeholder_birth_date",
    "placeholder_ssn",
    "ssn_digit",
    "ssn_transposed",
    "borrowed_ssn",
    "taxpayer_number",
    "deceased_reuse",
    "sex_missing",
    "sex_wrong",
]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> CountySummary:
    return generate(tmp_path_factory.mktemp("county"), people=PEOPLE, seed=SEED, days=DAYS)


def delivered(county: CountySummary, table: str, night: int = 0) -> pl.DataFrame:
    agency, file = table.split("/")
    return pl.read_csv(county.landing / agency / county.as_of_dates[night] / f"{file}.csv", infer_schema=False)


def added_up(county: CountySummary, table: str, nights: int = DAYS) -> pl.DataFrame:
    """The rows in force after so many nights: newest by key, deletions out."""
    rows = pl.concat(
        [delivered(county, table, night).with_columns(pl.lit(night).alias("n")) for night in range(nights)]
    )
    newest = rows.sort("updated_at", "n").unique(subset=KEYS[table], keep="last")
    return newest.filter(pl.col("record_action") == "U").drop("n").sort(KEYS[table])


def in_force(county: CountySummary, table: str) -> pl.DataFrame:
    return added_up(county, table) if table in KEYS else delivered(county, table, DAYS - 1)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def truth(county: CountySummary, table: str) -> pl.DataFrame:
    return pl.read_parquet(county.truth / f"{table}.parquet")


def test_the_same_people_seed_and_days_give_the_same_bytes(tmp_path: Path):
    made = [generate(tmp_path / name, people=600, seed=3, days=2) for name in "ab"]
    assert contents(made[0].landing) == contents(made[1].landing)
    assert contents(made[0].truth) == contents(made[1].truth)


def test_another_seed_gives_other_people(tmp_path: Path):
    one, other = (generate(tmp_path / str(seed), people=300, seed=seed, days=1) for seed in (1, 2))
    assert (
        delivered(one, "sheriff/person")["last_name"].to_list()
        != delivered(other, "sheriff/person")["last_name"].to_list()
    )


def test_a_longer_run_begins_with_the_files_of_a_shorter_one(county: CountySummary, tmp_path: Path):
    short = generate(tmp_path, people=PEOPLE, seed=SEED, days=1)
    longer = contents(county.landing)
    assert all(longer[name] == held for name, held in contents(short.landing).items())


def test_deltas_add_up_to_the_full_extract(county: CountySummary, tmp_path: Path):
    full = full_extract(tmp_path, people=PEOPLE, seed=SEED, night=DAYS - 1)
    for table, key in KEYS.items():
        agency, file = table.split("/")
        whole = pl.read_csv(full.landing / agency / full.as_of_dates[0] / f"{file}.csv", infer_schema=False)
        assert added_up(county, table).equals(whole.sort(key)), table


def test_full_files_are_whole_every_night(county: CountySummary, tmp_path: Path):
    full = full_extract(tmp_path, people=PEOPLE, seed=SEED, night=DAYS - 1)
    for folder in ("hmis", "fhsp"):
        assert contents(full.landing / folder / full.as_of_dates[0]) == contents(
            county.landing / folder / county.as_of_dates[-1]
        )


def test_chunks_change_memory_not_sense(tmp_path: Path):
    settings = load_settings()
    books = {**settings.lives.entries, "people_a_chunk": 500}
    small = type(settings)(type(settings.lives)("lives", books), settings.effects, settings.errors)
    made = generate(tmp_path, people=1_700, seed=5, days=2, settings=small)
    people = delivered(made, "sheriff/person")
    assert people["main_number"].is_unique().all()
    assert delivered(made, "mental_health/provider").height == 196
    assert truth(made, "persons")["person_id"].n_unique() == 1_700


def test_the_truth_knows_every_client_and_no_other(county: CountySummary):
    known = set(truth(county, "clients").select("agency", "client_id").iter_rows())
    seen = {(agency, client) for agency in CLIENT_TABLES for client in _clients(county, agency)}
    assert seen == known


def _clients(county: CountySummary, agency: str) -> list[str]:
    file, column = CLIENT_TABLES[agency]
    return in_force(county, f"{agency}/{file}")[column].to_list()


def test_the_truth_names_only_people_it_describes(county: CountySummary):
    persons = set(truth(county, "persons")["person_id"])
    assert len(persons) == PEOPLE
    for table in ("clients", "hard_cases", "outcomes"):
        assert set(truth(county, table)["person_id"]) <= persons


def test_no_extract_holds_a_name_of_the_truth(county: CountySummary):
    assert not any(b"person-" in held for held in contents(county.landing).values())


@pytest.mark.parametrize(("table", "column", "to_table", "to_column"), REFERENCES)
def test_rows_point_at_rows_that_are_there(
    county: CountySummary, table: str, column: str, to_table: str, to_column: str
):
    pointed = set(in_force(county, table)[column].drop_nulls())
    assert pointed <= set(in_force(county, to_table)[to_column])


def test_every_delta_points_at_what_has_already_come(county: CountySummary):
    people = added_up(county, "sheriff/person", 2)["main_number"]
    assert set(added_up(county, "sheriff/booking", 2)["main_number"]) <= set(people)


def test_keys_are_unique_in_every_delivery(county: CountySummary):
    for table, key in KEYS.items():
        for night in range(DAYS):
            assert delivered(county, table, night).select(key).is_unique().all(), table


def test_nothing_is_entered_after_its_extract_was_cut(county: CountySummary):
    for table in KEYS:
        for night in range(DAYS):
            latest = delivered(county, table, night)["updated_at"].max()
            assert latest is None or str(latest) <= f"{county.as_of_dates[night]} 03:00:00"


@pytest.mark.parametrize("agency", ["sheriff", "health", "mental_health"])
def test_nights_bring_new_clients(county: CountySummary, agency: str):
    file, column = CLIENT_TABLES[agency]
    known = set(delivered(county, f"{agency}/{file}")[column])
    later = [set(delivered(county, f"{agency}/{file}", night)[column]) for night in range(1, DAYS)]
    assert len(set.union(*later) - known) >= 2


def test_nights_bring_late_releases_and_changed_clients(county: CountySummary):
    known = set(delivered(county, "health/patient")["mrn"])
    late = changed = 0
    for night in range(1, DAYS):
        released = delivered(county, "sheriff/release", night)["released_at"]
        late += (released < "2026-10-31").sum()
        changed += len(known & set(delivered(county, "health/patient", night)["mrn"]))
    assert late > 0
    assert changed > 0


def test_nights_take_rows_back(county: CountySummary):
    actions = [
        delivered(county, table, night)["record_action"]
        for table in ("sheriff/charge", "health/encounter_diagnosis", "mental_health/service")
        for night in range(1, DAYS)
    ]
    assert (pl.concat(actions) == "D").any()


def test_hard_cases_are_planted_and_labelled(county: CountySummary):
    assert set(PLANTED) <= set(truth(county, "hard_cases")["case_code"])


def test_agencies_know_about_the_shares_of_people_that_are_set(county: CountySummary):
    clients = truth(county, "clients").group_by("agency").agg(pl.col("person_id").n_unique() / PEOPLE)
    shares = dict(clients.iter_rows())
    expected = {"sheriff": 0.29, "health": 0.54, "hmis": 0.25, "mental_health": 0.195}
    assert {agency: shares[agency] for agency in expected} == pytest.approx(expected, abs=0.025)


@pytest.mark.parametrize("agency", ["sheriff", "health", "hmis", "mental_health"])
def test_second_records_are_as_common_as_set(county: CountySummary, agency: str):
    clients = truth(county, "clients").filter(agency=agency).height
    second = truth(county, "hard_cases").filter(agency=agency, case_code="duplicate_client").height
    assert second / clients == pytest.approx(load_settings().errors.number(f"{agency}.duplicates"), rel=0.4, abs=0.008)


@pytest.mark.parametrize(
    ("table", "agency"),
    [("sheriff/person", "sheriff"), ("health/patient", "health"), ("mental_health/client", "mental_health")],
)
def test_ssns_are_missing_as_often_as_set(county: CountySummary, table: str, agency: str):
    shares = load_settings().errors.table(f"{agency}.ssn")
    ssn = delivered(county, table)["ssn"]
    placeholders = ["999999999", "000000000", "111111111", "123456789", "777777777"]
    usable = (ssn.is_not_null() & ~ssn.is_in(placeholders) & ~ssn.str.starts_with("X")).mean()
    partial = ssn.str.starts_with("X").fill_null(False).mean()
    assert usable == pytest.approx(shares["full"], abs=0.05)
    assert partial == pytest.approx(shares["partial"], abs=0.02)


def test_outreach_gets_fewer_ssns_than_supportive_housing(county: CountySummary):
    clients, enrolments = delivered(county, "hmis/Client"), delivered(county, "hmis/Enrollment")
    kinds = delivered(county, "hmis/Project").select("ProjectID", "ProjectType")
    first = enrolments.sort("DateCreated").unique("PersonalID", keep="first").join(kinds, on="ProjectID")
    quality = first.join(clients, on="PersonalID").group_by("ProjectType").agg((pl.col("SSNDataQuality") == "1").mean())
    share = dict(quality.iter_rows())
    assert share["4"] < 0.35 < 0.75 < share["3"]


def test_double_surnames_are_written_in_several_ways_mostly_for_hispanic_people(county: CountySummary):
    cases = truth(county, "hard_cases").filter(case_code="double_surname_variant")
    groups = cases.join(truth(county, "persons"), on="person_id")["ethnicity"]
    assert (groups == "hispanic").mean() > 0.95


def test_bookings_come_and_go_by_transfer_under_two_numbers(county: CountySummary):
    assert (in_force(county, "sheriff/release")["release_reason_code"] == "TRANSFER").sum() > 10


def test_some_bookings_are_open_and_some_are_flash_incarcerations(county: CountySummary):
    bookings = in_force(county, "sheriff/booking")
    released = in_force(county, "sheriff/release")["booking_number"]
    assert (~bookings["booking_number"].is_in(released.implode())).sum() > 5
    assert (bookings["booking_type_code"] == "FLASH_INCARCERATION").sum() > 20


def test_some_psychiatric_emergencies_stand_in_two_extracts(county: CountySummary):
    clients = truth(county, "clients")
    pes = in_force(county, "health/encounter").filter(encounter_type_code="PES").select("mrn", "admitted_at")
    crisis = in_force(county, "mental_health/crisis_encounter").select("client_id", "arrived_at")
    pes = pes.join(clients.filter(agency="health"), left_on="mrn", right_on="client_id")
    crisis = crisis.join(clients.filter(agency="mental_health"), on="client_id")
    both = pes.join(crisis, on="person_id")
    moments = [pl.col(name).str.to_datetime("%Y-%m-%d %H:%M:%S") for name in ("admitted_at", "arrived_at")]
    near = both.filter((moments[0] - moments[1]).abs() <= pl.duration(hours=1))
    assert near.height > 100


def test_dirty_rows_are_there_but_few(county: CountySummary):
    encounters = delivered(county, "health/encounter")
    unknown = (encounters["encounter_type_code"] == "ZZ").sum()
    backwards = (encounters["discharged_at"] < encounters["admitted_at"]).sum()
    assert 0 < unknown + backwards < 0.003 * encounters.height


def test_the_hmis_export_says_what_it_is(county: CountySummary):
    for night in range(DAYS):
        export = delivered(county, "hmis/Export", night)
        said = export.select("CSVVersion", "HashStatus", "ExportDirective", "ExportPeriodType").row(0)
        assert said == ("2026 v1.0", "1", "2", "3")
        assert export["ExportID"].item() == delivered(county, "hmis/Client", night)["ExportID"].unique().item()
        assert export["ExportEndDate"].item() < county.as_of_dates[night]


def test_no_victim_service_provider_is_in_hmis(county: CountySummary):
    assert set(delivered(county, "hmis/Organization")["VictimServiceProvider"]) == {"0"}


def test_just_in_reach_clients_live_in_projects_that_pay_for_success_funds(county: CountySummary):
    funded = delivered(county, "hmis/Funder").filter(Funder="35")["ProjectID"]
    enrolments = delivered(county, "hmis/Enrollment")
    moved_in = enrolments.filter(pl.col("ProjectID").is_in(funded.implode()) & pl.col("MoveInDate").is_not_null())
    pool = delivered(county, "fhsp/tenancy").filter(program_code="JIR")["client_id"].n_unique()
    assert pool == pytest.approx(0.015 * PEOPLE, abs=3)
    assert 0.6 * pool < moved_in["PersonalID"].n_unique() <= pool + 2


def test_true_outcomes_are_near_the_effects_that_are_set(county: CountySummary):
    outcomes = truth(county, "outcomes")
    for months, expected in ((6, 0.87), (12, 0.81)):
        rows = outcomes.filter(pl.col("measure") == f"just_in_reach_housed_{months}_months")
        alive = rows.filter(pl.col("status") != "deceased")
        assert (alive["status"] == "met").mean() == pytest.approx(expected, abs=0.10)
        assert (rows["value"] == (rows["status"] == "met").cast(pl.Int64)).all()


def test_the_effects_that_were_set_stand_beside_the_truth(tmp_path: Path):
    effects = yaml.safe_load((Path(generate(tmp_path, people=200, seed=1, days=1).truth) / "effects.yaml").read_text())
    assert effects["full_service_partnership"]["psychiatric_emergency_rate_ratio"] == 0.55
    assert len(effects["provider_factors"]) == 196


def test_a_county_is_never_written_over_another(county: CountySummary):
    with pytest.raises(FileExistsError):
        generate(county.landing.parent, people=10, seed=1, days=1)


@pytest.mark.parametrize("days", [0, 93])
def test_days_beyond_the_drawn_lives_are_refused(tmp_path: Path, days: int):
    with pytest.raises(ValueError, match="days must be from 1"):
        generate(tmp_path, people=10, seed=1, days=days)


@pytest.mark.parametrize("people", [1, 2, 7])
def test_the_smallest_counties_have_every_file(tmp_path: Path, people: int):
    made = generate(tmp_path, people=people, seed=1, days=2)
    files = {path.name for path in (made.landing / "sheriff" / made.as_of_dates[1]).iterdir()}
    assert files == {"person.csv", "alias.csv", "booking.csv", "charge.csv", "release.csv"}


@pytest.mark.skipif(not (ROOT / "data_contracts" / "incoming").exists(), reason="no data contracts here yet")
def test_files_have_the_columns_that_their_contracts_promise(county: CountySummary):
    for path in sorted((ROOT / "data_contracts" / "incoming").glob("*/*.odcs.yaml")):
        if not (county.landing / path.parent.name).exists():
            continue
        schema = yaml.safe_load(path.read_text(encoding="utf-8"))["schema"][0]
        names = {item["property"]: item["value"] for item in schema["customProperties"]}["fileNames"]
        frame = delivered(county, f"{path.parent.name}/{Path(names[0]).stem}")
        assert set(frame.columns) == {column["name"] for column in schema["properties"]}, path.name
