"""Options that several commands share, and how they print. Light to import: no stage is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.places import COUNTY

if TYPE_CHECKING:
    from pipelines.commands.progress import Say

CHECKOUT = COUNTY
"""The folder of the county; the shipped one where none was made."""
SHIPPED_CONTRACTS = COUNTY / "data_contracts"
SHIPPED_OUTCOME_CONTRACTS = COUNTY / "outcome_contracts"
DEMO = Path("build/demo")

FOLDER = click.Path(file_okay=False, path_type=Path)
EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


LAKE_ASKED = "countylink.lake"
"""Under this name a command's context knows the lake that it was given."""


def closed_to_others(ctx: click.Context, _: click.Parameter, root: Path) -> Path:
    """The folder of a lake, unless others than its owner can look into it, or a newer program wrote it."""
    from pipelines.lake import Lake, refuse_open_folders
    from pipelines.operations.state import refuse_newer

    ctx.meta[LAKE_ASKED] = root
    refuse_open_folders(root)
    refuse_newer(Lake(root))
    return root


AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
LAKE = click.option(
    "--lake", "root", type=EXISTING, required=True, callback=closed_to_others, help="Folder of the lake."
)
BUNDLE = click.option("--bundle", type=EXISTING, help="Folder of the linkage model; default: the lake's own.")
CONTRACTS = click.option(
    "--contracts", type=EXISTING, default=SHIPPED_CONTRACTS, help="Folder of data contracts; default: the county's."
)
OUTCOME_CONTRACTS = click.option(
    "--outcome-contracts",
    type=EXISTING,
    default=SHIPPED_OUTCOME_CONTRACTS,
    help="Folder of outcomes contracts and measures.",
)
ENGINE = click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="What scores pairs; see docs/spark.md.",
)
SPARK_MASTER = click.option(
    "--spark-master", default="local[*]", show_default=True, help="Spark: local[N], or spark://host:port."
)


def say_to(as_json: bool) -> Say:
    """Progress goes to standard error when standard output carries JSON."""
    return lambda line: click.echo(line, err=as_json)


def day(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """An ISO date as it was written; empty if none was."""
    if value is None:
        return ""
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise click.BadParameter("write the date as YYYY-MM-DD") from None
