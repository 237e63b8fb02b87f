from pathlib import Path

import pytest
import yaml

from pipelines.errors import ContractError
from pipelines.outcomes.definitions import DEFINITIONS, load_measures
from pipelines.standardise.code_sets import CODE_SETS, code_set_versions


def family(**changed: object) -> dict[str, object]:
    document: dict[str, object] = yaml.safe_load((DEFINITIONS / "housing_stability.yaml").read_text())
    return document | changed


def load(tmp_path: Path, document: dict[str, object]) -> None:
    (tmp_path / "measure.yaml").write_text(yaml.safe_dump(document))
    load_measures(tmp_path)


def test_the_measures_that_contracts_and_reports_name_are_shipped() -> None:
    ids = {measure.id for measure in load_measures()}
    assert ids == {
        "fsp_enrolment",
        "fsp_retention_6_months",
        "fsp_retention_12_months",
        "housing_stability_6_months",
        "housing_stability_12_months",
        "jail_bed_days_after_placement_12_months",
        "jail_bed_days_per_1000_member_months",
        "jail_return_after_placement_6_months",
        "jail_return_after_placement_12_months",
        "jail_return_after_placement_24_months",
        "jail_return_after_release_6_months",
        "jail_return_after_release_12_months",
        "jail_return_after_release_24_months",
        "permanent_housing_retention",
        "psychiatric_emergency_visits_per_1000_member_months",
        "spm_returns_to_homelessness",
        "spm_returns_to_homelessness_0_180_days",
        "spm_returns_to_homelessness_181_365_days",
        "spm_returns_to_homelessness_366_730_days",
    }


def test_every_code_set_is_in_the_index() -> None:
    assert {path.stem for path in CODE_SETS.glob("*.csv")} == set(code_set_versions())


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "mean"}, "kind"),
        ({"sql": "nowhere"}, "sql"),
        ({"cuts": {"all": "guess"}}, "cuts.all"),
        ({"code_sets": {"housing_exits": "0.9.0"}}, "code_sets.housing_exits"),
        ({"colour": "blue"}, "colour"),
        ({"variants": [{"id": "x"}]}, "variants"),
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
