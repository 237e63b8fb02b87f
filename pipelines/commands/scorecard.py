"""`countylink scorecard`: who signed which scorecard, and the sealed lists of a provider's own clients."""

from datetime import UTC, datetime
from pathlib import Path

import click

from pipelines.commands.options import EXISTING_FILE, FOLDER, LAKE

PROVIDER = click.option("--provider", "providers", multiple=True, help="Provider id; repeat. Default: every provider.")
ONE_OR_MORE = click.option("--provider", "providers", multiple=True, required=True, help="Provider id; repeat.")
QUARTER = click.option("--quarter", required=True, help="The scorecard's quarter, as 2026Q3.")
BY = click.option("--by", required=True, help="Who does it; shown on the scorecard.")
REASON = click.option("--reason", default="", help="Why; shown on the scorecard, so no name and no date of birth.")


@click.group()
def scorecard() -> None:
    """Take scorecards from draft to final, and hand providers the lists of their own clients."""


@scorecard.command("states")
@LAKE
def states_command(root: Path) -> None:
    """List every scorecard that is not a draft any longer, or is one again."""
    from pipelines.lake import Lake
    from pipelines.reports.scorecards.sign_off import states

    for (provider, quarter), one in sorted(states(Lake(root)).items()):
        click.echo(f"{quarter} {provider}: {one.title} · {one.by} · {one.on}{' · ' if one.reason else ''}{one.reason}")


@scorecard.command()
@LAKE
@PROVIDER
@QUARTER
@BY
@REASON
def review(root: Path, providers: tuple[str, ...], quarter: str, by: str, reason: str) -> None:
    """Hand drafts to their providers for review."""
    _take("review", root, providers, quarter, by, reason)


@scorecard.command("return")
@LAKE
@ONE_OR_MORE
@QUARTER
@BY
@REASON
def return_(root: Path, providers: tuple[str, ...], quarter: str, by: str, reason: str) -> None:
    """Make a scorecard in review a draft again: the provider found something; needs --reason."""
    _take("return", root, providers, quarter, by, reason)


@scorecard.command()
@LAKE
@PROVIDER
@QUARTER
@BY
@REASON
def final(root: Path, providers: tuple[str, ...], quarter: str, by: str, reason: str) -> None:
    """Make reviewed scorecards final: they are kept as the latest release tells them."""
    _take("final", root, providers, quarter, by, reason)


@scorecard.command()
@LAKE
@ONE_OR_MORE
@QUARTER
@BY
@REASON
def restate(root: Path, providers: tuple[str, ...], quarter: str, by: str, reason: str) -> None:
    """Open a final scorecard anew, as a draft of the latest release; needs --reason."""
    _take("restate", root, providers, quarter, by, reason)


@scorecard.command()
@LAKE
@PROVIDER
@QUARTER
@BY
@click.option("--to", type=FOLDER, required=True, help="Folder of the sealed files.")
@click.option("--keys", type=EXISTING_FILE, help="Public keys; default: data_contracts/providers/age_keys.yaml.")
def clients(root: Path, providers: tuple[str, ...], quarter: str, by: str, to: Path, keys: Path | None) -> None:
    """Write each provider's list of its own clients who need attention or cannot be linked, sealed for it alone."""
    from pipelines.errors import ContractError
    from pipelines.lake import Lake
    from pipelines.reports.attention import provider_keys, write_sealed_list
    from pipelines.reports.attention.lists import opened
    from pipelines.reports.attention.terms import KEYS

    known = provider_keys(keys or KEYS)
    if missing := sorted(set(providers) - set(known)):
        raise ContractError(f"{(keys or KEYS).name} has no key of {', '.join(missing)}, and nothing leaves unsealed")
    lake = Lake(root)
    with opened(lake, datetime.now(UTC).date()) as connection:
        for provider in providers or sorted(known):
            made = write_sealed_list(connection, lake, provider, quarter, known[provider], to, by)
            click.echo(f"{made.path}: {made.attention} to look at, {made.unlinked} not linked")
    if not known:
        click.echo("no provider gave a public key; write them into data_contracts/providers/age_keys.yaml")


def _take(step: str, root: Path, providers: tuple[str, ...], quarter: str, by: str, reason: str) -> None:
    from pipelines.defs.locking import sole_writer
    from pipelines.errors import LakeError
    from pipelines.lake import Lake
    from pipelines.publish import latest_release
    from pipelines.reports.scorecards.cards import Scorecards
    from pipelines.reports.scorecards.sign_off import take
    from pipelines.reports.tables import ReleaseTables

    lake = Lake(root)
    release = latest_release(lake)
    if release is None:
        raise LakeError("the lake has no release yet, and so no scorecard")
    cards = Scorecards(ReleaseTables(release))
    if missing := sorted(set(providers) - set(cards.providers)):
        raise LakeError(f"the release knows no provider {', '.join(missing)}")
    if quarter not in cards.quarters:
        raise LakeError(f"the release has no scorecards of {quarter}; it has {', '.join(cards.quarters) or 'none'}")
    asked = providers or tuple(sorted(cards.providers))
    with sole_writer(root):
        done = take(lake, step, [cards.card(one, quarter) for one in asked], by=by, reason=reason)
    for provider, one in zip(asked, done, strict=True):
        click.echo(f"{provider} {quarter}: {one.title.lower()}")
