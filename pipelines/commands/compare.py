"""`countylink compare`: the people of a programme beside people like them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pipelines.publish.comparison import ToldComparison


@click.command()
@click.argument("named", metavar="SPEC")
@click.option("--lake", "root", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True,
              help="Folder of the lake.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Folder for the tables and the page; its cohort is a row a person, for evaluators.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the effects as JSON.")
def compare(named: str, root: Path, out: Path, as_json: bool) -> None:
    """Compare as SPEC says (an id, or the path of a YAML file); writes Parquet tables and comparison.html."""
    from pipelines.comparison import compare as run
    from pipelines.comparison import read_specification
    from pipelines.lake import Lake
    from pipelines.publish.comparison import told_comparison, write_comparison
    from pipelines.reports.comparison import draw_comparison

    told = told_comparison(run(Lake(root), read_specification(_path(named))))
    write_comparison(told, out)
    page = draw_comparison(told, out / "comparison.html")
    if as_json:
        click.echo(json.dumps(_document(told), indent=2, default=str))
        return
    for line in (*_lines(told), str(page)):
        click.echo(line)


def _path(named: str) -> Path:
    from pipelines.comparison import COMPARISONS
    from pipelines.errors import ContractError

    path = Path(named)
    if path.suffix not in (".yaml", ".yml"):
        path = COMPARISONS / f"{named}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in COMPARISONS.glob("*.yaml")))
        raise ContractError(f"there is no comparison {named}; there are {known}, or name a YAML file")
    return path


def _document(told: "ToldComparison") -> dict[str, Any]:
    specification = told.comparison.specification
    return {
        "comparison": specification.id,
        "version": specification.version,
        "data_through": told.comparison.observed_through_on,
        "flow": told.flow.to_dicts(),
        "effects": told.effects.to_dicts(),
        "log_rank_p_value": told.log_rank_p_value,
    }


def _lines(told: "ToldComparison") -> list[str]:
    from pipelines.reports import wording

    specification = told.comparison.specification
    lines = [f"{specification.title} ({specification.id} {specification.version}), per person-year", ""]
    for row in told.effects.to_dicts():
        said = row | {"kind": "rate"}
        found = f"{wording.estimate(said):>9}  ({wording.interval(said)})"
        lines.append(f"  {row['outcome_id']:40} {row['method']:26} {row['causal_strength']:12} {found}")
    return [*lines, ""]
