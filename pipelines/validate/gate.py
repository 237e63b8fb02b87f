"""Which deliveries pass, one after the other by as-of date: each judged beside those accepted before it.

The verdict on a delivery is a function of what was delivered for earlier dates, of the contracts, and of recorded
releases; the order of arrival takes no part. When an earlier delivery comes late, those after it are judged again from
their profiles, and a verdict may change: what is published is what it would be had all come in order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipelines.ingest import Delivery, Problem
from pipelines.lake import Lake, replacing
from pipelines.validate.baseline import Profile, read_profile
from pipelines.validate.breakers import PREFIX, Past, has_baseline, problems, trips
from pipelines.validate.holds import HoldRelease, releases
from pipelines.validate.receipts import FILE, Receipt, receipt_text
from schemas.breaker_terms import defaults
from schemas.data_contract import DataContract, DataContracts


@dataclass(frozen=True)
class Verdict:
    """What the breakers say of one delivery."""

    held: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    """What tripped and was released: it stays in the receipt."""
    without_baseline: tuple[str, ...]
    """Tables for which too few deliveries came before, so that no breaker acts."""
    gated_under: str
    """Changes when the verdict may: with the deliveries before, the release, or the default limits."""


@dataclass
class Gate:
    """What is known so far, while deliveries are judged in the order of `deliveries(lake)`."""

    lake: Lake
    contracts: DataContracts
    released: dict[str, HoldRelease] = field(default_factory=dict)
    _accepted: dict[str, list[Receipt]] = field(default_factory=dict)
    _profiles: dict[str, Profile] = field(default_factory=dict)

    @classmethod
    def of(cls, lake: Lake, contracts: DataContracts) -> Gate:
        """A gate with the releases that were recorded until now."""
        return cls(lake, contracts, {one.delivery_id: one for one in releases(lake)})

    def remember(self, receipt: Receipt) -> None:
        """Let a judged delivery be part of what is usual, if it was accepted."""
        if receipt.is_accepted:
            self._accepted.setdefault(receipt.agency, []).append(receipt)

    def verdict(self, delivery: Delivery, profile: Profile) -> Verdict:
        """What the breakers of every table of a delivery say."""
        before = self._before(delivery)
        found: list[Problem] = []
        unknown: list[str] = []
        for contract in self.contracts.of(delivery.agency):
            if (now := profile.get(contract.table)) is None:
                continue
            past = self._past(contract, now.semantics, before)
            found += problems(contract, trips(contract, now, past))
            if not has_baseline(contract, past):
                unknown.append(contract.table)
        release = self.released.get(delivery.delivery_id)
        return Verdict(
            held=() if release else tuple(found),
            warnings=tuple(_told_of(one, release) for one in found) if release else (),
            without_baseline=tuple(unknown),
            gated_under=self._under(delivery, before),
        )

    def kept(self, receipt: Receipt, delivery: Delivery) -> Receipt | None:
        """The receipt of a delivery as it stands today; None if it comes to another end: it must be validated again."""
        if not receipt.gated_under:
            return receipt  # held for its form: what came before it does not matter
        if receipt.gated_under == self._under(delivery, self._before(delivery)):
            return receipt
        verdict = self.verdict(delivery, read_profile(receipt.folder(self.lake)))
        if receipt.is_accepted == bool(verdict.held):
            return None
        judged = _judged_anew(receipt, verdict)
        with replacing(receipt.folder(self.lake) / FILE) as staged:
            staged.write_text(receipt_text(judged), encoding="utf-8")
        return judged

    def _before(self, delivery: Delivery) -> list[Receipt]:
        """Accepted deliveries of the agency for earlier dates, oldest first; of each date the last revision."""
        own = self._accepted.get(delivery.agency, [])
        earlier = {one.as_of: one for one in own if one.as_of < delivery.as_of}
        return [earlier[as_of] for as_of in sorted(earlier)]

    def _past(self, contract: DataContract, semantics: str, before: Sequence[Receipt]) -> list[Past]:
        """The last comparable deliveries of a table, oldest first."""
        found: list[Past] = []
        for receipt in reversed(before):
            if len(found) == contract.breakers.over:
                break
            one = self._profile(receipt).get(contract.table)
            if one is not None and one.semantics == semantics:
                found.append(Past(one, receipt.delivery_id in self.released))
        return found[::-1]

    def _profile(self, receipt: Receipt) -> Profile:
        if receipt.delivery_id not in self._profiles:
            self._profiles[receipt.delivery_id] = read_profile(receipt.folder(self.lake))
        return self._profiles[receipt.delivery_id]

    def _under(self, delivery: Delivery, before: Sequence[Receipt]) -> str:
        known = [delivery.delivery_id, *(one.delivery_id for one in before)]
        said = [[name, self.released[name].number] for name in known if name in self.released]
        facts = json.dumps([known, said, defaults()], sort_keys=True)
        return hashlib.sha256(facts.encode()).hexdigest()


def _told_of(problem: Problem, release: HoldRelease) -> Problem:
    return replace(problem, mend=f"{problem.mend} (released: decisions/holds, number {release.number})")


def _judged_anew(receipt: Receipt, verdict: Verdict) -> Receipt:
    others = tuple(one for one in receipt.warnings if not one.rule_id.startswith(PREFIX))
    return replace(
        receipt,
        held=verdict.held,
        warnings=(*others, *verdict.warnings),
        without_baseline=verdict.without_baseline,
        gated_under=verdict.gated_under,
    )
