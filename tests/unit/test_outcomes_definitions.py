from pathlib import Path

import pytest
import yaml

from pipelines import sql
from pipelines.errors import ContractError
from pipelines.outcomes.definitions import DEFINITIONS, PACKAGE, load_measures
from pipelines.outcomes.unavailable import load_unavailable
from pipelines.standardise.code_sets import CODE_SETS, code_set_versions
from schemas.outcomes import CUTS


def family(**changed: object) -> dict[str, object]:
    document: dict[str, object] = yaml.safe_load((DEFINITIONS / "housing_stability.yaml").read_text())
    return document | changed


def load(tmp_path: Path, document: dict[str, object]) -> None:
    (tmp_path / "measure.yaml").write_text(yaml.safe_dump(document))
    load_measures(tmp_path)


def test_the_measures_that_contracts_and_reports_name_are_shipped() -> None:
    ids = {measure.id for measure in load_measures()}
    assert ids >= {
        "fsp_enrolment",
        "fsp_engagement_1_service",
        "fsp_engagement_4_services",
        "fsp_retention_6_months",
        "fsp_retention_12_months",
        "fsp_graduation",
        "fsp_negative_exit",
        "fsp_neutral_exit",
        "fsp_months_served",
        "stably_housed_members",
        "housing_stability_6_months",
        "housing_stability_12_months",
        *(f"continuous_tenancy_{months}_months" for months in (3, 6, 9, 12)),
        "tenancy_months_after_12",
        "payable_housing_days",
        "jail_bed_days_after_placement_12_months",
        "jail_bed_days_per_1000_member_months",
        "jail_returns_per_1000_member_months",
        *(f"jail_return_after_placement_{months}_months" for months in (6, 12, 24)),
        *(f"jail_return_after_release_{months}_months" for months in (6, 12, 24, 36)),
        *(
            f"jail_return_after_{index}_24_months_{kind}"
            for index in ("placement", "release")
            for kind in ("any", "felony", "new_offense", "technical_only", "with_court_returns", "with_old_warrants")
        ),
        "permanent_housing_retention",
        "psychiatric_emergency_visits_per_1000_member_months",
        "psychiatric_inpatient_days_per_1000_member_months",
        "state_hospital_days_per_1000_member_months",
        "subacute_days_per_1000_member_months",
        "crisis_residential_days_per_1000_member_months",
        "jail_cost_per_member_month",
        "crisis_and_inpatient_cost_per_member_month",
        "spm_returns_to_homelessness",
        "spm_returns_to_homelessness_0_180_days",
        "spm_returns_to_homelessness_181_365_days",
        "spm_returns_to_homelessness_366_730_days",
        "spm_returns_to_homelessness_th_14_days",
    }


def test_every_measure_can_be_cut_by_every_cut() -> None:
    assert {cut for measure in load_measures() for cut in CUTS if cut not in measure.cuts} == set()


def test_every_exclusion_is_a_reason_that_the_sql_can_give() -> None:
    for measure in load_measures():
        text = sql.text(PACKAGE, measure.sql) + sql.text(PACKAGE, "jail_returns")
        assert [reason for reason in measure.exclusions if f"'{reason}'" not in text] == [], measure.id


def test_a_variant_says_in_its_own_words_what_differs() -> None:
    known = {measure.id: measure for measure in load_measures()}
    assert "felony" in known["jail_return_after_placement_24_months_felony"].numerator
    assert not known["jail_return_after_placement_24_months_felony"].is_published
    assert known["jail_return_after_placement_24_months"].is_published
    agencies = known["psychiatric_emergency_visits_per_1000_community_member_months"].needs_agencies
    assert agencies == {"*": ("health", "mental_health", "sheriff")}


def test_what_the_extracts_cannot_give_is_declared_and_computed_nowhere() -> None:
    ids = {measure.id for measure in load_measures()}
    declared = {entry["id"] for entry in load_unavailable(known=ids)}
    assert "jail_return_by_conviction_36_months" in declared
    assert not declared & ids
    with pytest.raises(ContractError, match="id: fsp_step_down is computed"):
        load_unavailable(known={"fsp_step_down"})


def test_every_code_set_is_in_the_index() -> None:
    assert {path.stem for path in CODE_SETS.glob("*.csv")} == set(code_set_versions())


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "mean"}, "kind"),
        ({"sql": "nowhere"}, "sql"),
        ({"cuts": {"all": "guess"}}, "cuts.all"),
        ({"cuts": {"shoe_size": "wilson"}}, "cuts.shoe_size"),
        ({"cuts": {"each": "person_bootstrap"}}, "cuts.each"),
        ({"code_sets": {"housing_exits": "0.9.0"}}, "code_sets.housing_exits"),
        ({"colour": "blue"}, "colour"),
        ({"variants": [{"id": "x"}]}, "variants"),
        ({"variants": [{"id": "x", "title": "X", "parameters": {}, "kind": "rate"}]}, "variants: kind"),
    ],
)
def test_an_ill_formed_definition_is_refused_with_file_and_field(
    tmp_path: Path, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(ContractError, match=rf"measure\.yaml: {field}"):
        load(tmp_path, family(**changed))


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    document = family()
    del document["denominator"]
    with pytest.raises(ContractError, match=r"measure\.yaml: denominator: the field is missing"):
        load(tmp_path, document)


def test_an_id_is_taken_once(tmp_path: Path) -> None:
    (tmp_path / "again.yaml").write_text(yaml.safe_dump(family()))
    with pytest.raises(ContractError, match=r"taken by again\.yaml"):
        load(tmp_path, family())
