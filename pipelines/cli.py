"""The `countylink` command: which commands there are. Their options and printing stand in `pipelines/commands/`."""

import click
import duckdb

from pipelines.commands.alerts import alerts
from pipelines.commands.audit import verify_audit
from pipelines.commands.check import check
from pipelines.commands.compare import compare
from pipelines.commands.consent import consent
from pipelines.commands.contract import contract
from pipelines.commands.data_quality import data_quality
from pipelines.commands.decide import decide
from pipelines.commands.delete import delete
from pipelines.commands.disclosure import disclosure
from pipelines.commands.doctor import doctor, status
from pipelines.commands.explain import explain
from pipelines.commands.init import init
from pipelines.commands.linkage import evaluate, link_table, train
from pipelines.commands.linked_lake import migrate_model, person_index, relink
from pipelines.commands.nights import demo, run
from pipelines.commands.operations import backup, restore, upgrade
from pipelines.commands.options import LAKE_ASKED
from pipelines.commands.past_day import past_day_again
from pipelines.commands.product import product
from pipelines.commands.quarantine import quarantine
from pipelines.commands.release import diff, release, releases
from pipelines.commands.release_hold import release_hold
from pipelines.commands.releases import lint, verify
from pipelines.commands.report import report, report_page
from pipelines.commands.review import review
from pipelines.commands.scorecard import scorecard
from pipelines.commands.statement import contract_page, dispute, statement
from pipelines.commands.synthetic import synth, synth_records
from pipelines.commands.trace import trace_number
from pipelines.commands.underwrite import underwrite
from pipelines.errors import CountylinkError
from pipelines.lake import guard_privacy

COMMANDS: tuple[click.Command, ...] = (
    run,
    demo,
    verify,
    verify_audit,
    releases,
    release,
    diff,
    trace_number,
    report,
    report_page,
    scorecard,
    lint,
    train,
    link_table,
    evaluate,
    relink,
    migrate_model,
    person_index,
    past_day_again,
    decide,
    review,
    explain,
    statement,
    dispute,
    contract_page,
    compare,
    quarantine,
    check,
    contract,
    data_quality,
    release_hold,
    disclosure,
    underwrite,
    product,
    consent,
    delete,
    alerts,
    init,
    synth,
    synth_records,
    backup,
    restore,
    upgrade,
    doctor,
    status,
)


class Command(click.Group):
    """Says what can be mended as one sentence, without a traceback; anything else keeps its traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; an error of ours ends it with exit code 1, and one over a damaged table of the lake too."""
        try:
            return super().invoke(ctx)
        except CountylinkError as error:
            click.echo(f"countylink: {error}", err=True)
            ctx.exit(1)
        except RuntimeError as error:
            from pipelines.sql import was_interrupted

            if was_interrupted(error):
                raise click.Abort from None
            raise
        except (OSError, ValueError, duckdb.Error):  # Arrow's errors are among the first two
            _end_over_damage(ctx)
            raise


def _end_over_damage(ctx: click.Context) -> None:
    """End with the first damaged table of the lake that the command was given, and its mend; else go on."""
    from pipelines.damaged import damaged_tables

    root = ctx.meta.get(LAKE_ASKED)
    for name, mend in damaged_tables(root) if root else ():
        click.echo(f"countylink: {name} is damaged; {mend}", err=True)
        ctx.exit(1)


@click.group(cls=Command, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
def main() -> None:
    """Link a county's records, and publish the outcomes that its contracts are paid on."""
    guard_privacy()


for command in COMMANDS:
    main.add_command(command)


if __name__ == "__main__":
    main()
