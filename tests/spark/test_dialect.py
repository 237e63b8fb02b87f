"""What the rules say, in Spark's words."""

from __future__ import annotations

import pytest

from linkage_rules.blocking import RULES
from linkage_rules.bundle import shipped_bundle
from pipelines.errors import ModelError
from pipelines.link.keys import _shared_id_rule
from pipelines.link.spark.dialect import spark_sql
from pipelines.link.spark.model import spark_settings


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ("birth_year // 10", "birth_year DIV 10"),
        ("left(first_name, 1)", "LEFT(first_name, 1)"),
        ("jaro_winkler_similarity(a_l, a_r) >= 0.92", "JARO_WINKLER(a_l, a_r) >= 0.92"),
        ("list_has_any(roots_l, roots_r)", "ARRAYS_OVERLAP(roots_l, roots_r)"),
        ("first_name_l is distinct from last_name_r", "first_name_l IS DISTINCT FROM last_name_r"),
        ("shared_ids[1]", "GET(shared_ids, 0)"),
        (
            "jaro_winkler_similarity(parts_l[1], parts_r[2]) > 0.9",
            "JARO_WINKLER(GET(parts_l, 0), GET(parts_r, 1)) > 0.9",
        ),
    ],
)
def test_an_expression_keeps_its_meaning(duckdb: str, spark: str) -> None:
    assert spark_sql(duckdb) == spark


def test_what_spark_has_no_word_for_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match="no word for damerau_levenshtein in"):
        spark_sql("damerau_levenshtein(ssn_l, ssn_r) <= 1")


def test_every_blocking_rule_can_be_said() -> None:
    rules = (*RULES, _shared_id_rule("cin"))
    assert all(spark_sql(expression) for rule in rules for expression in (*rule.key, *rule.refine))


def test_the_model_keeps_every_parameter_and_says_every_condition_anew() -> None:
    model = shipped_bundle().settings
    rebuilt = spark_settings(model)
    assert "sql_dialect" not in rebuilt
    for before, after in zip(model["comparisons"], rebuilt["comparisons"], strict=True):
        assert before["output_column_name"] == after["output_column_name"]
        for level, said in zip(before["comparison_levels"], after["comparison_levels"], strict=True):
            assert level | {"sql_condition": said["sql_condition"]} == said
            assert "jaro_winkler_similarity" not in said["sql_condition"]
