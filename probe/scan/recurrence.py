"""Whether what was found comes back: in networks of other seeds, and in earlier checkpoints of the same network."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from probe.render import table
from probe.render.table import cell
from probe.scan.finding import CLAIMS, UNNAMED, Finding

# Networks whose figures are printed side by side; the rest stand in the findings folder.
SHOWN = 6


@dataclass(frozen=True)
class Seen:
    """A unit and a pattern in another network, ranked on its selection text and tested on its confirmation text.

    Attributes:
        layer, signal, unit: the unit.
        rank: of the unit for the pattern on that network's selection text, from 1.
        selection, correlation: Pearson's r on the selection and on the confirmation text.
        p: over all units and patterns of that network.
        lead: lower bound of |r| less that of the best n-gram.
        claims: each claim, and whether the evidence bears it; None if it was not or could not be tested.
    """

    layer: str
    signal: str
    unit: int
    rank: int
    selection: float
    correlation: float
    p: float
    lead: float
    claims: Mapping[str, bool | None]

    @classmethod
    def of(cls, finding: Finding) -> "Seen":
        """Return what is kept of another network's finding."""
        return cls(finding.layer, finding.signal, finding.unit, finding.rank, finding.selection.correlation,
                   finding.confirmation.correlation, finding.chance.family, finding.margin.low, finding.claims)

    @property
    def place(self) -> tuple[str, str, int]:
        """Layer, signal and unit."""
        return self.layer, self.signal, self.unit

    @property
    def label(self) -> str:
        """As a finding's."""
        return f"{self.layer}:{self.unit}" + ("" if self.signal in UNNAMED else f" {self.signal.replace('_', ' ')}")


@dataclass(frozen=True)
class Recurring:
    """The best unit of one pattern, and what other networks have for it.

    Attributes:
        pattern: its name.
        own: the unit that was found.
        runs: the best unit of each other run; None where the pattern does not occur.
        best: the best unit of each checkpoint.
        same: at each checkpoint the unit that was found, whatever its rank there.
    """

    pattern: str
    own: Seen
    runs: tuple[Seen | None, ...] = ()
    best: tuple[Seen | None, ...] = ()
    same: tuple[Seen | None, ...] = ()

    def count(self, claim: str) -> int:
        """Return in how many of the runs, the scanned one among them, the best unit bears a claim."""
        return sum(bool(seen and seen.claims[claim]) for seen in (self.own, *self.runs))


@dataclass(frozen=True)
class Recurrence:
    """What recurs of the best unit of each pattern.

    A unit's index means nothing in another run, so there each run's own best unit is looked at. In other checkpoints
    of the same run it is the same unit, so there it is followed.

    Attributes:
        run: the scanned one.
        runs: the other ones.
        checkpoints: steps, in order, the scanned one among them.
        checkpoint: the scanned one; None if there are no checkpoints.
        findings: of each pattern.
    """

    run: str
    runs: tuple[str, ...]
    checkpoints: tuple[int, ...]
    checkpoint: int | None
    findings: tuple[Recurring, ...]

    def only(self, patterns: Collection[str]) -> "Recurrence":
        """Return what recurs of some patterns."""
        return replace(self, findings=tuple(each for each in self.findings if each.pattern in patterns))

    def since(self, finding: Recurring, claim: str) -> int | None:
        """Return the first checkpoint from which on, up to the scanned one and without a break, the unit bears a claim;
        None if it does not bear it in the scanned one."""
        return self._since(finding, lambda same, best: bool(same.claims[claim]))

    def best_since(self, finding: Recurring) -> int | None:
        """Return since which checkpoint, without a break, the unit is its pattern's best on the selection text."""
        return self._since(finding, lambda same, best: best is not None and same.place == best.place)

    def _since(self, finding: Recurring, holds: Callable[[Seen, Seen | None], bool]) -> int | None:
        first = None
        for step, same, best in zip(reversed(self.checkpoints), reversed(finding.same), reversed(finding.best),
                                    strict=True):
            if self.checkpoint is not None and step <= self.checkpoint:
                if same is None or not holds(same, best):
                    break
                first = step
        return first

    def __str__(self) -> str:
        return "\n\n".join(part for part in (self.runs_table(), self.checkpoints_table()) if part)

    def runs_table(self, width: int | None = None) -> str:
        """Return a row a pattern: the best unit of each run with its r on held-out text, and in how many runs the best
        unit bears each claim; nothing if there are no other runs."""
        if not self.runs:
            return ""
        total = 1 + len(self.runs)
        headers = ("pattern", *(self.run, *self.runs)[:SHOWN], *CLAIMS)
        ordered = sorted(self.findings, key=lambda each: (*(-each.count(claim) for claim in reversed(CLAIMS)),
                                                          _weakness(each.own)))
        return f"the best unit of each run, r held out, and in how many of {total} runs it bears a claim\n" + table(
            headers, [(each.pattern, *(_named(seen) for seen in (each.own, *each.runs)[:SHOWN]),
                       *(each.count(claim) for claim in CLAIMS)) for each in ordered], width)

    def checkpoints_table(self, width: int | None = None) -> str:
        """Return a row a pattern: r of the unit that was found at each checkpoint, and since which of them it is the
        best and bears each claim without a break; nothing if there are no checkpoints."""
        if not self.checkpoints:
            return ""
        last = len(self.checkpoints) - 1
        shown = sorted({round(place * last / (SHOWN - 1)) for place in range(SHOWN)})
        headers = ("pattern", "unit", *(f"{self.checkpoints[place]:,}" for place in shown), "best since",
                   *(f"{claim} since" for claim in CLAIMS))
        return f"the same unit at checkpoints, r held out; since when up to step {self.checkpoint:,}\n" + table(
            headers, [(each.pattern, each.own.label,
                       *(same.correlation if (same := each.same[place]) else None for place in shown),
                       self.best_since(each), *(self.since(each, claim) for claim in CLAIMS))
                      for each in sorted(self.findings, key=lambda each: _weakness(each.own))], width)


def recurrence(findings: Sequence[Finding], run: str, *, runs: Mapping[str, Sequence[Finding]] | None = None,
               checkpoints: Mapping[int, Sequence[Finding]] | None = None, checkpoint: int | None = None) -> Recurrence:
    """Join the findings of several scans for the same patterns.

    Args:
        findings: of the scan in question.
        run: its name.
        runs: name of another run → its findings.
        checkpoints: step of another checkpoint of the same run → its findings, with those of the units that were found
            first whatever their rank, as ``scan(…, against=…)`` gives them.
        checkpoint: the step that was scanned, if there are other checkpoints.
    """
    others = {name: {each.pattern: each for each in found if each.rank == 1} for name, found in (runs or {}).items()}
    steps: dict[int, Sequence[Finding]] = dict(checkpoints or {})
    if steps and checkpoint is not None:
        steps[checkpoint] = findings
    places = [{(each.pattern, *Seen.of(each).place): Seen.of(each) for each in steps[step]} for step in sorted(steps)]
    best = [{each.pattern: Seen.of(each) for each in steps[step] if each.rank == 1} for step in sorted(steps)]
    recurring = []
    for finding in findings:
        if finding.rank == 1:
            name, own = finding.pattern, Seen.of(finding)
            recurring.append(Recurring(name, own, tuple(_of(found.get(name)) for found in others.values()),
                                       tuple(found.get(name) for found in best),
                                       tuple(found.get((name, *own.place)) for found in places)))
    return Recurrence(run, tuple(others), tuple(sorted(steps)), checkpoint if steps else None, tuple(recurring))


def _of(finding: Finding | None) -> Seen | None:
    return None if finding is None else Seen.of(finding)


def _weakness(seen: Seen) -> tuple[bool, float]:
    """Sorts the strongest first, and what has no correlation last."""
    return seen.correlation != seen.correlation, -abs(seen.correlation)


def _named(seen: Seen | None) -> str:
    return "–" if seen is None else f"{seen.label} {cell(seen.correlation)}"
