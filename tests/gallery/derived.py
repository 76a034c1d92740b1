"""Findings made of the simulated ones, with more to divide: two passages, two signals."""

from dataclasses import replace

import numpy as np

from probe.scan.finding import Finding, Passage
from probe.scan.findings import Findings
from probe.scan.portrait import Portrait

CELL = "1", "cell"
# A unit and a pattern between which there is no correlation, in the findings with two passages.
UNKNOWN = 47, 0


def two_passages(findings: Findings) -> Findings:
    """Cut the passage in two, and add a cell beside each hidden activation, at twice its value."""
    base, key = findings.passages[0], ("1", "hidden")
    units = {key: findings.units[key], CELL: findings.units[key]}
    low, high = base.scales[key]
    middle = base.text.index("\n\n", len(base.text) // 2) + 2

    def part(start: int, stop: int) -> Passage:
        levels = base.activations[key][start:stop]
        return replace(base, start=start, text=base.text[start:stop], labels=base.labels[start:stop],
                       activations={key: levels, CELL: levels}, scales={key: (low, high), CELL: (2 * low, 2 * high)},
                       units=units, expected=base.expected[start:stop], chances=base.chances[start:stop])

    measures = {name: np.concatenate([values, values]) for name, values in findings.measures.items()}
    return replace(findings, units=units, measures=measures, passages=(part(0, middle), part(middle, len(base.text))))


def first_of(two: Findings) -> tuple[Finding, Portrait]:
    """Return the finding that says most of quotes, and the portrait of its unit."""
    finding = next(each for each in two.findings if each.pattern == "inside_quotes" and each.rank == 1)
    return finding, next(each for each in two.portraits if each.unit == finding.unit)
