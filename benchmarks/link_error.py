"""`python -m benchmarks.link_error`: how often intervals cover the truth when links are wrong.

Each seed is a small county in memory: clients of a programme, some of whom the jail knows too. Links between the two
are missed with a known recall and false with a known precision; each link carries the probability that it is right,
and these probabilities are calibrated. The naive interval takes the links as they are. Ours draws them anew and
corrects for the missed ones (`pipelines/uncertainty/link_error.py`). The recall is known only from a labelled sample.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from pipelines.intervals import Estimate, RateSums, person_robust, wilson
from pipelines.uncertainty.link_error import Corrected, Kind, Recall, Totals, Values, with_link_error

SEEDS = 200
CLIENTS = 2_000
LINKED_SHARE = 0.6
"""Share of the clients whom the jail knows."""
RETURN_SHARE = 0.5
"""Share of those whom the jail knows that come back to it."""
VISITS = 1.5
"""Bookings of one whom the jail knows, in the two years of the rate."""
YEARS = 2.0
DRAWS = 50
LABELLED = 400
"""Pairs from which the recall is known."""
CONCENTRATION = 4.0
"""How alike the probabilities of links are: of Beta(4 · precision, 4 · (1 − precision))."""

QUALITIES = ((0.98, 0.98), (0.95, 0.90), (0.90, 0.80), (0.99, 0.70))
"""Precision and recall of the links."""

SHARE = Kind("proportion", "wilson", 1.0)
RATE = Kind("rate", "person_robust", 1.0)


@dataclass(frozen=True)
class County:
    """What is seen of one county. Arrays have one value a client."""

    returned: Values
    bookings: Values
    right: Values
    """Probability that the client's link is right; 0 without a link."""
    recall: Recall


def main() -> None:
    """Print coverage of the truth by both intervals, for a share and a rate, at each quality of links."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.link_error", description=__doc__)
    asked.add_argument("--seeds", type=int, default=SEEDS, help="counties of each quality")
    seeds = asked.parse_args().seeds
    print(
        f"{'precision':>9} {'recall':>7}  {'result':<6} {'naive covers':>13} {'ours covers':>12}   of {seeds} counties"
    )
    for precision, recall in QUALITIES:
        for result, (naive, ours) in coverage(precision, recall, seeds).items():
            print(f"{precision:9.2f} {recall:7.2f}  {result:<6} {naive:13.1%} {ours:12.1%}", flush=True)


def coverage(precision: float, recall: float, seeds: int) -> dict[str, tuple[float, float]]:
    """Result → the share of counties in which the naive interval and ours cover the truth."""
    truths = {"share": LINKED_SHARE * RETURN_SHARE, "rate": LINKED_SHARE * VISITS / YEARS}
    covered = {result: np.zeros(2) for result in truths}
    for seed in range(seeds):
        for result, (naive, ours) in intervals(county(precision, recall, seed), seed).items():
            covered[result] += [_covers(naive, truths[result]), _covers(ours, truths[result])]
    return {result: (float(hits[0] / seeds), float(hits[1] / seeds)) for result, hits in covered.items()}


def county(precision: float, recall: float, seed: int) -> County:
    """Draw who is known, who is linked rightly and who wrongly, and what the links bring."""
    generator = np.random.default_rng(seed)
    is_found = generator.random(CLIENTS) < LINKED_SHARE * recall
    share_false = LINKED_SHARE * recall * (1 - precision) / precision / (1 - LINKED_SHARE * recall)
    is_false = ~is_found & (generator.random(CLIENTS) < share_false)
    a, b = CONCENTRATION * precision, CONCENTRATION * (1 - precision)
    # among links of one probability q, the share q is right: so the right ones lean up and the false ones down
    right = np.where(is_found, generator.beta(a + 1, b, CLIENTS), generator.beta(a, b + 1, CLIENTS))
    is_linked = is_found | is_false
    found = generator.binomial(LABELLED, recall) / LABELLED
    return County(
        returned=(is_linked & (generator.random(CLIENTS) < RETURN_SHARE)).astype(np.float64),
        bookings=np.where(is_linked, generator.poisson(VISITS, CLIENTS), 0).astype(np.float64),
        right=np.where(is_linked, right, 0.0),
        recall=Recall(found, float(np.sqrt(found * (1 - found) / LABELLED))),
    )


def intervals(seen: County, seed: int) -> dict[str, tuple[Estimate, Corrected]]:
    """Result → the naive interval and ours."""
    generator = np.random.default_rng([seed, 1])
    stays = generator.random((DRAWS, CLIENTS)) < seen.right
    recall = seen.recall.draws(DRAWS, generator)
    clients, time = np.full(DRAWS, float(CLIENTS)), np.full(DRAWS, CLIENTS * YEARS)
    alone = Totals(clients, np.zeros(DRAWS), time)
    returned, bookings = (Totals(clients, stays @ one, time) for one in (seen.returned, seen.bookings))
    share = wilson(float(seen.returned.sum()), CLIENTS)
    events, squares = float(seen.bookings.sum()), float((seen.bookings**2).sum())
    sums = RateSums(CLIENTS, events, CLIENTS * YEARS, squares, events * YEARS, CLIENTS * YEARS**2)
    rate = person_robust(sums, 1.0)
    return {
        "share": (share, with_link_error(SHARE, share, returned, alone, recall, 1.0)),
        "rate": (rate, with_link_error(RATE, rate, bookings, alone, recall, squares / events)),
    }


def _covers(found: Estimate | Corrected, truth: float) -> bool:
    return found.lower is not None and found.upper is not None and found.lower <= truth <= found.upper


if __name__ == "__main__":
    main()
