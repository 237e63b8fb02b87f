"""`make bench-outcomes`: what every measure and statement costs, for the members and tenants of a large county."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import click

from benchmarks.outcomes.county import Size, make_county
from pipelines import contracts, outcomes
from pipelines.contracts.due import due
from pipelines.contracts.reimbursement import set_beside
from pipelines.lake import Lake
from pipelines.outcomes import load_measures

AIM_SECONDS = 60
STATED = {"just_in_reach": "2025Q4", "lacdmh_fsp": "2025Q4"}
"""Contract → a period of it that is stated."""

Made = TypeVar("Made")


@click.command()
@click.option(
    "--clients", default=5_000_000, show_default=True, type=click.IntRange(1_000), help="Clients in the lake."
)
@click.option("--members", default=15_000, show_default=True, help="Persons in a Full Service Partnership.")
@click.option("--tenants", default=300, show_default=True, help="Persons housed through Just in Reach.")
@click.option(
    "--out", default=Path("build/bench-outcomes"), type=click.Path(path_type=Path), help="Where the lake lies."
)
@click.option("--anew", is_flag=True, help="Make the county anew even where it lies there.")
def main(clients: int, members: int, tenants: int, out: Path, anew: bool) -> None:
    """Print seconds by measure and step, by the clock and of the processor; exit code 1 if the aim was missed."""
    size = Size(clients, members, tenants)
    lake = Lake(out / f"{clients}_{members}_{tenants}")
    if anew or not lake.has("standard", "mental_health_services"):
        rows = timed("the county", lambda: make_county(lake, size))
        events = sum(count for name, count in rows.items() if name.startswith("episodes") or "services" in name)
        print(f"{clients:,} clients, {events:,} rows of events and episodes")
    began, worked = time.perf_counter(), time.process_time()
    report = timed("measures", lambda: outcomes.measure(lake, tell=teller()))
    print(f"{report.measures} measures, {report.person_rows:,} rows of persons, {report.result_rows:,} results")
    timed("statements", lambda: contracts.state(lake))
    timed("cost reimbursement", lambda: set_beside(lake))
    measures = {one.id: one for one in load_measures()}
    for name, period in STATED.items():
        contract = contracts.read_outcome_contract(contracts.OUTCOME_CONTRACTS / f"{name}.yaml", measures)
        stated = timed(f"statement of {name}", partial(due, lake, contract, measures, period))
        print(f"{name} {period}: {stated.lines.num_rows:,} lines, ${stated.amount_usd:,.2f}")
    clock, processor = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"in all {clock:.1f} s by the clock (aim: {AIM_SECONDS}), {processor:.1f} s of the processor, {peak:.1f} GiB")
    if clock > AIM_SECONDS:
        raise SystemExit(1)


def teller() -> Callable[[str, float], None]:
    """Prints what each step took by the clock, and what the processor worked since the step before."""
    worked = [time.process_time()]

    def told(name: str, seconds: float) -> None:
        worked.append(time.process_time())
        processor = worked[-1] - worked[-2]
        print(f"  {name:64} {seconds:7.2f} s, {processor:7.2f} s of the processor", flush=True)

    return told


def timed(name: str, make: Callable[[], Made]) -> Made:
    """Do it, and print what it took by the clock and of the processor."""
    began, worked = time.perf_counter(), time.process_time()
    made = make()
    clock, processor = time.perf_counter() - began, time.process_time() - worked
    print(f"  {name:64} {clock:7.2f} s, {processor:7.2f} s of the processor", flush=True)
    return made


if __name__ == "__main__":
    main()
