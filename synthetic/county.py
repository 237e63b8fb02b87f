"""The whole county: chunk after chunk of people, their lives, five agencies' extracts, and the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthetic.agencies.extract import Desk, Extract
from synthetic.agencies.fhsp import fhsp
from synthetic.agencies.health import health
from synthetic.agencies.hmis import hmis
from synthetic.agencies.mental_health import mental_health
from synthetic.agencies.sheriff import sheriff
from synthetic.agencies.stays import supportive_homes
from synthetic.chance import Numbers, stream
from synthetic.delivery import Landing
from synthetic.errors.dirt import spoil
from synthetic.lives.partnerships import provider_ratios, providers
from synthetic.lives.whole import Lives, draw_lives
from synthetic.names import NameBook
from synthetic.population import draw_people
from synthetic.settings import Settings, load_settings
from synthetic.times import MOST_NIGHTS, as_of_text
from synthetic.truth import Truth

AGENCIES = ("sheriff", "health", "hmis", "fhsp", "mental_health")


@dataclass(frozen=True)
class CountySummary:
    """What was made: people, client records per agency, delivered rows per file, as-of dates, folders."""

    people: int
    seed: int
    clients: dict[str, int]
    rows: dict[str, int]
    as_of_dates: tuple[str, ...]
    landing: Path
    truth: Path


@dataclass(frozen=True)
class _County:
    people: int
    seed: int
    settings: Settings
    names: NameBook
    numbers: Numbers

    def chunks(self) -> Iterator[tuple[int, Lives]]:
        size = int(self.settings.lives.number("people_a_chunk"))
        for chunk, start in enumerate(range(0, self.people, size)):
            rng = stream(self.seed, chunk, "population")
            count = min(size, self.people - start)
            people = draw_people(rng, start, count, self.names, self.settings.lives.part("population"))
            yield chunk, draw_lives(people, self.people, self.seed, chunk, self.settings)

    def desk(self, agency: str, chunk: int, lives: Lives) -> Desk:
        """Where an agency writes down the lives of a chunk; two desks of one agency draw the same."""
        return Desk(lives, agency, self.settings, self.numbers, self.seed, chunk)

    def extracts(self, chunk: int, lives: Lives) -> Iterator[Extract]:
        """The five agencies' extracts; the subsidy pool copies ids out of HMIS, so HMIS comes first."""
        desks = {name: self.desk(name, chunk, lives) for name in AGENCIES}
        yield sheriff(desks["sheriff"], self.names)
        yield health(desks["health"])
        homeless, personal_ids = hmis(desks["hmis"])
        yield homeless
        yield fhsp(desks["fhsp"], personal_ids)
        yield mental_health(desks["mental_health"])

    def spoilt(self, chunk: int, extract: Extract) -> Extract:
        """The extract with its few dirty rows."""
        shares = self.settings.errors.table("dirty_rows")
        tables = spoil(lambda subject: stream(self.seed, chunk, subject), extract.agency, extract.tables, shares)
        return Extract(extract.agency, extract.registry, tables, extract.hard)


def generate(
    out: Path,
    *,
    people: int,
    seed: int,
    days: int,
    settings: Settings | None = None,
    progress: Callable[[str], None] | None = None,
) -> CountySummary:
    """Make a county of `people` and the deliveries of `days` nights from 2026-11-01 on.

    Writes `out/landing/<agency>/<as-of>/<file>.csv` and `out/truth/`. The same people, seed, days and settings give the
    same bytes; a county of more days begins with the deliveries of the same county of fewer.
    """
    if not 1 <= days <= MOST_NIGHTS:
        raise ValueError(f"lives are drawn for {MOST_NIGHTS} nights; days must be from 1 to {MOST_NIGHTS}")
    return _generate(out, people, seed, range(days), settings, progress)


def full_extract(out: Path, *, people: int, seed: int, night: int, settings: Settings | None = None) -> CountySummary:
    """The same county with one delivery: everything that is in force at a night (0 = 2026-11-01). For comparison."""
    return _generate(out, people, seed, range(night, night + 1), settings, None)


def _generate(
    out: Path,
    people: int,
    seed: int,
    nights: Sequence[int],
    settings: Settings | None,
    progress: Callable[[str], None] | None,
) -> CountySummary:
    if people < 1:
        raise ValueError("a county needs at least one person")
    chosen = settings or load_settings()
    county = _County(people, seed, chosen, NameBook(chosen.lives.part("names")), Numbers(seed))
    landing, clients = Landing(_fresh(out / "landing"), nights), Counter[str]()
    landing.open_county_files()
    with Truth(_fresh(out / "truth")) as truth:
        done = 0
        for chunk, lives in county.chunks():
            truth.add_people(lives, supportive_homes(county.desk("hmis", chunk, lives)))
            for extract in county.extracts(chunk, lives):
                landing.add(county.spoilt(chunk, extract))
                clients[extract.agency] += truth.add_clients(lives.people, extract, nights[-1])
            done += lives.people.count
            if progress is not None:
                progress(f"{done:,} of {people:,} people")
        truth.write_effects(chosen, _provider_factors(seed, chosen))
    dates = tuple(as_of_text(night) for night in nights)
    rows = dict(sorted(landing.rows.items()))
    return CountySummary(people, seed, dict(clients), rows, dates, out / "landing", out / "truth")


def _fresh(folder: Path) -> Path:
    """A folder that must not hold a county yet: files are appended to, and two counties must not mix."""
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; name another folder or remove it")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _provider_factors(seed: int, settings: Settings) -> dict[str, float]:
    ratios = provider_ratios(seed, settings.lives.number("partnership.provider_spread"))
    ids = providers()["provider_id"].to_list()
    return {str(name): round(float(ratio), 6) for name, ratio in zip(ids, ratios.tolist(), strict=True)}
