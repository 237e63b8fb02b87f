"""`countylink init`: the folder of a new county."""

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from pipelines.commands.options import FOLDER
from pipelines.places import SHIPPED_TERMS


def _timezone(_: click.Context, __: click.Parameter, name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # what ZoneInfo raises for a name that is no zone's, or no name at all
        raise click.BadParameter(f"{name} is no time zone; write it as America/Denver") from None
    return name


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--name", required=True, help="Name of the county.")
@click.option(
    "--timezone", default=SHIPPED_TERMS["timezone"], show_default=True, callback=_timezone, help="Of its schedules."
)
@click.option("--agency", "agencies", multiple=True, help="Shipped agency to begin with; may be said again.")
@click.option("--no-agencies", is_flag=True, help="Begin without any, to write all contracts anew.")
def init(folder: Path, name: str, timezone: str, agencies: tuple[str, ...], no_agencies: bool) -> None:
    """Lay out a new county: contracts, rules, outcomes contracts and deployment, from the shipped ones."""
    from pipelines.commands.new_county import NewCounty, lay_out, next_steps, shipped_agencies

    if agencies and no_agencies:
        raise click.UsageError("--agency and --no-agencies exclude each other")
    chosen = () if no_agencies else tuple(sorted(set(agencies))) or shipped_agencies()
    county = NewCounty(name, timezone, chosen)
    for line in next_steps(folder, county, lay_out(folder, county)):
        click.echo(line)
