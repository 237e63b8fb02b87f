"""`countylink data-quality`: what became of an agency's deliveries, as a page for the agency."""

from pathlib import Path

import click

from pipelines.commands.options import EXISTING, SHIPPED_CONTRACTS


@click.command("data-quality")
@click.argument("agency")
@click.option("--lake", "root", type=EXISTING, required=True, help="Folder of the lake.")
@click.option("--contracts", type=EXISTING, default=SHIPPED_CONTRACTS, help="Folder of data contracts.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Page to write; default: in the lake.")
def data_quality(agency: str, root: Path, contracts: Path, out: Path | None) -> None:
    """Write the data-quality page of AGENCY: what was refused, how to mend it, what waits, what did not come."""
    from pipelines.lake import Lake
    from pipelines.reports.data_quality import draw_data_quality
    from schemas.data_contract import load_contracts

    click.echo(str(draw_data_quality(Lake(root), load_contracts(contracts), agency, out)))
