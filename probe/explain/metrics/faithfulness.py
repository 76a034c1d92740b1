"""How faithful methods are to a network, as a table, a page's fragment, figures and JSON."""

import math
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.explain.metrics.options import FaithfulnessOptions
from probe.render.graphemes import visible
from probe.render.notebook import picture, stacked, table_fragment
from probe.render.table import table
from probe.render.wrapping import wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from probe.explain.metrics.curves import Curves
    from probe.explain.metrics.infidelity import Infidelity
    from probe.explain.metrics.randomisation import Randomisation

HEADERS = ("method", "deletion", "insertion", "infidelity", "unexplained", "sensitivity", "randomised", "law missed by",
           "on padding")
READING = (
    "deletion, insertion: mean {scored} while tokens are taken away or put in, those with the largest weights first; a "
    "faithful order makes deletion small and insertion large",
    "infidelity: mean squared error of what the weights foretell of changes, in squared units of the {asked}; "
    "unexplained: what is left of it when the weights are scaled to fit best, as a share of foretelling nothing, 1",
    "sensitivity: largest change of an explanation near the text, as a share of its length",
    "randomised: rank correlation of |weights| with those of a network with random weights; a method that depends on "
    "what was learnt is near 0",
)


@dataclass(frozen=True, eq=False)
class MethodFaithfulness:
    """One method on B documents.

    Attributes:
        method: its name, and those of its settings that are not as usual.
        deletion, insertion: its curves.
        infidelity: the error of what it foretells.
        sensitivity: (B,) float64; None if it was left out.
        randomisation: what it says of networks with random weights; None if that was left out.
        law_error: (B,) float64, by how much the law that the method keeps is missed; None for a method without one.
        pad_share: (B,) float64, share of Σ|weight| on padding.
    """

    method: str
    deletion: "Curves"
    insertion: "Curves"
    infidelity: "Infidelity"
    sensitivity: np.ndarray | None
    randomisation: "Randomisation | None"
    law_error: np.ndarray | None
    pad_share: np.ndarray

    @property
    def row(self) -> tuple[object, ...]:
        """Means over the documents, of the law's error the largest; under :data:`HEADERS`."""
        last = None if self.randomisation is None else mean(self.randomisation.cascading_sizes[-1])
        return (self.method, mean(self.deletion.areas), mean(self.insertion.areas), mean(self.infidelity.plain),
                mean(self.infidelity.unexplained), mean(self.sensitivity), last,
                None if self.law_error is None else float(np.abs(self.law_error).max()), mean(self.pad_share))


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """How faithful methods are to a network, on B documents.

    Attributes:
        methods: in the order in which they were asked for.
        deletions, insertions: curves of as many random orders as the options say.
        tokens: (B,) int64, of each document, without padding.
        asked: of what the weights are contributions: ``"logit"``, ``"probability"`` or ``"output"``.
        scored: of what deletion and insertion draw curves, likewise.
        options: with which it was measured.
        refused: method → why it said nothing.
    """

    methods: tuple[MethodFaithfulness, ...]
    deletions: "tuple[Curves, ...]"
    insertions: "tuple[Curves, ...]"
    tokens: np.ndarray
    asked: str
    scored: str
    options: FaithfulnessOptions
    refused: dict[str, str]

    def __getitem__(self, method: str) -> MethodFaithfulness:
        """Return what was found of the method of this name."""
        return {each.method: each for each in self.methods}[method]

    @property
    def rows(self) -> list[tuple[object, ...]]:
        """The table: a row a method under :data:`HEADERS`, and random orders last."""
        deletions, insertions = (np.array([mean(each.areas) for each in curves])
                                 for curves in (self.deletions, self.insertions))
        rows: list[tuple[object, ...]] = [each.row for each in self.methods]
        return [*rows, ("random orders", float(deletions.mean()), float(insertions.mean()), *[None] * 6),
                ("± of one order", float(deletions.std(ddof=1)), float(insertions.std(ddof=1)), *[None] * 6)]

    @property
    def caption(self) -> str:
        """On what it was measured."""
        low, high = int(self.tokens.min()), int(self.tokens.max())
        return (f"{len(self.tokens):,} document{'s' * (len(self.tokens) != 1)} of "
                f"{f'{low:,}' if low == high else f'{low:,} to {high:,}'} tokens")

    @property
    def notes(self) -> list[str]:
        """How to read the table, and which methods said nothing."""
        reading = [line.format(scored=self.scored, asked=self.asked) for line in READING]
        return [*reading, *(f"not measured: {reason}" for reason in self.refused.values())]

    def to_terminal(self, width: int) -> str:
        """Return the table and how to read it as lines of at most ``width`` columns, or as wide as the table needs."""
        notes = [line for note in self.notes for line in wrapped(visible(note), width)]
        return "\n".join([self.caption, table(HEADERS, self.rows, width), "", *notes])

    def __str__(self) -> str:
        """Return the table for a terminal, as wide as it is."""
        return self.to_terminal(shutil.get_terminal_size().columns)

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        shown = [table_fragment(HEADERS, self.rows, self.caption), picture(self.figure(), self.caption)]
        return str(stacked(*shown, table_fragment(("",), [(note,) for note in self.notes])))

    def figure(self) -> "Figure":
        """Return a figure of the curves of deletion and insertion, a panel a method."""
        from probe.explain.metrics.figures import curve_figure

        return curve_figure(self)

    def cascade(self) -> "Figure":
        """Return a figure of the rank correlations with networks whose layers lose what they learnt.

        Raises:
            UserError: that was not measured.
        """
        from probe.explain.metrics.figures import cascade_figure

        return cascade_figure(self)

    def to_json(self) -> dict[str, Any]:
        """Return plain values, all of them finite or None."""
        rows = [{"method": each.method, "deletion": each.deletion.areas, "insertion": each.insertion.areas,
                 "infidelity": each.infidelity.plain, "unexplained": each.infidelity.unexplained,
                 "sensitivity": each.sensitivity, "law_error": each.law_error, "pad_share": each.pad_share,
                 "randomisation": None if each.randomisation is None else asdict(each.randomisation)}
                for each in self.methods]
        found: dict[str, Any] = _plain({
            "documents": len(self.tokens), "tokens": self.tokens, "asked": self.asked, "scored": self.scored,
            "options": asdict(self.options), "methods": rows, "refused": self.refused,
            "random_orders": {"deletion": [each.areas for each in self.deletions],
                              "insertion": [each.areas for each in self.insertions]}})
        return found


def mean(values: np.ndarray | None) -> float | None:
    """Return the mean of those values that are numbers; None if there are none."""
    known = values[~np.isnan(values)] if values is not None else np.zeros(0)
    return float(known.mean()) if len(known) else None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
