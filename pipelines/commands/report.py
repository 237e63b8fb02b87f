"""`countylink report` and `report-page`: a release as a site to read, and single pages of it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.options import EXISTING, FOLDER, NEW_FILE, closed_to_others

if TYPE_CHECKING:
    from pipelines.reports.scorecards.sign_off import Key, SignOff


def _closed(context: click.Context, option: click.Parameter, root: Path | None) -> Path | None:
    return None if root is None else closed_to_others(context, option, root)


@click.command()
@click.option("--release", "named", type=EXISTING, help="Folder of a release.")
@click.option(
    "--lake", "root", type=EXISTING, callback=_closed, help="Folder of a lake: its latest release, and its sign-offs."
)
@click.option("--to", type=FOLDER, required=True, help="Folder of the site; an earlier site there is replaced.")
@click.option(
    "--against", type=EXISTING, help="An earlier release, to tell restatements and drift of the linkage from."
)
@click.option(
    "--quarter", "quarters", multiple=True, help="Only scorecards of this quarter, as 2026Q3; repeat; or all."
)
@click.option("--pdf", is_flag=True, help="Also print every page.")
@click.option("--draws", type=click.IntRange(0), help="Draws of the underwriting memos; 0 draws none.")
def report(
    named: Path | None,
    root: Path | None,
    to: Path,
    against: Path | None,
    quarters: tuple[str, ...],
    pdf: bool,
    draws: int | None,
) -> None:
    """Draw the site of a release: scorecards, learning collaborative, contracts, linkage, data quality, dictionary."""
    from pipelines.reports.site import write_site
    from pipelines.reports.site.writing import DRAWS

    if (named is None) == (root is None):
        raise click.UsageError("name --release or --lake")
    release = named or _latest(root)
    made = write_site(
        release,
        to,
        against=against,
        quarters=quarters or None,
        states=_states(root),
        has_pdf=pdf,
        draws=DRAWS if draws is None else draws,
    )
    printed = f", {made.pdfs} PDFs" if made.pdfs else ""
    told = f"{made.scorecards} scorecards of {', '.join(made.quarters) or 'no quarter'}"
    click.echo(f"{made.pages} pages{printed} in {to}: {told}")


def _latest(root: Path | None) -> Path:
    from pipelines.errors import ReleaseError
    from pipelines.lake import Lake
    from pipelines.publish import latest_release

    release = latest_release(Lake(root)) if root else None
    if release is None:
        raise ReleaseError("the lake has no release yet; `countylink run` makes one")
    return release


def _states(root: Path | None) -> "dict[Key, SignOff]":
    from pipelines.lake import Lake
    from pipelines.reports.scorecards.sign_off import states

    return states(Lake(root)) if root else {}


@click.command("report-page")
@click.argument("release", type=EXISTING)
@click.option("--out", type=NEW_FILE, required=True, help="The page to write.")
@click.option("--page", type=click.Choice(["outcomes", "linkage"]), default="outcomes", show_default=True)
@click.option("--against", type=EXISTING, help="Another release, to tell the drift of the linkage from.")
def report_page(release: Path, out: Path, page: str, against: Path | None) -> None:
    """Draw one page of a release again, for example with a newer template; the release itself is not touched."""
    from pipelines.reports import draw, draw_linkage

    if page == "outcomes" and against is not None:
        raise click.UsageError("--against goes with --page linkage")
    click.echo(str(draw(release, out) if page == "outcomes" else draw_linkage(release, out, against)))
