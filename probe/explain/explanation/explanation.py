"""What a method says of one text: a weight for each token that the network read, shown over the text it came from."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.errors import UserError
from probe.explain.explanation.checks import check_explanation
from probe.explain.explanation.wording import weighted_text
from probe.render.graphemes import visible
from probe.render.terminal import colour_depth
from probe.render.weighted_html import weighted_fragment, write_weighted
from probe.render.weighted_terminal import weighted_lines
from probe.render.weighted_text import WeightedText

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from probe.render.strip import Strip

Span = tuple[str, list[tuple[int, int]], float]


@dataclass(frozen=True)
class LawKept:
    """The law that a method must keep, and how well it did on one text.

    Attributes:
        law: in words.
        expected, found: what should be equal.
    """

    law: str
    expected: float
    found: float

    @property
    def error(self) -> float:
        """By how much it is missed."""
        return self.found - self.expected


@dataclass(frozen=True, eq=False)
class TextExplanation:
    """Which tokens of a text speak for a target, and which against it.

    Attributes:
        text: N characters, as they were given; the tokens joined if there was no text.
        tokens: T tokens as the network read them, pads among them.
        offsets: (T, 2) int64, where each token stands in ``text``; (−1, −1) for those that do not (pads, start signs).
            Among the others starts ascend, and so do stops; sub-words may share a character.
        weights: (T,) float64, above 0 for the target, below 0 against it.
        pads: (T,) bool.
        target: what was asked: a label, or words such as ``"output 3"``.
        score: the value of the target.
        scored: of what: ``"logit"``, ``"probability"`` or ``"output"``.
        label: the label that is predicted, or nothing.
        probabilities: of each label; may be empty.
        method: which method found the weights.
        layer: the layer it looked at, if it looked at one.
        norms: (T,) float64, l2 norms of the contributions over the embedding axis.
        heatmap: over the T' positions of the layer, float64 (T',), or (T', K) over its units too.
        check: the law that the method keeps.
        pad_share: share of Σ|weight| that lies on padding, in [0, 1].
        pads_masked: whether the weights of padding were set to zero; ``pad_share`` is then what lay there before.
        scale: the magnitude of a weight that gets the full colour; None for the largest of this text without its pads.
        notes: what the reader must know.
        truth: the labels that the text has, if that is known, with commas between them.

    Raises:
        UserError: lengths disagree, a number is not finite, or an offset lies outside the text or out of order.
    """

    text: str
    tokens: tuple[str, ...]
    offsets: np.ndarray
    weights: np.ndarray
    pads: np.ndarray
    target: str
    score: float
    scored: str
    label: str
    method: str
    probabilities: Mapping[str, float] = field(default_factory=dict)
    layer: str | None = None
    norms: np.ndarray | None = None
    heatmap: np.ndarray | None = None
    check: LawKept | None = None
    pad_share: float = 0.0
    pads_masked: bool = False
    scale: float | None = None
    notes: tuple[str, ...] = ()
    truth: str = ""

    def __post_init__(self) -> None:
        check_explanation(self)

    @property
    def spans(self) -> list[Span]:
        """Tokens that stand in the text: the token, the ranges [start, stop) of its characters, and its weight."""
        return [(self.tokens[place], [(start, stop)], float(self.weights[place]))
                for place, (start, stop) in enumerate(self.offsets.tolist()) if stop > start]

    @property
    def document(self) -> str:
        """The text."""
        return self.text

    @property
    def full_scale(self) -> float:
        """The magnitude of a weight that gets the full colour, above 0."""
        largest = np.abs(self.weights[~self.pads]).max(initial=0.0)
        return self.scale or float(largest) or 1.0

    @property
    def law_error(self) -> float | None:
        """By how much the method's law is missed: what was found less what was expected; None without a law."""
        return None if self.check is None else self.check.error

    def character_weights(self) -> np.ndarray:
        """Return (N,) float64: the weight of each character's token, of several the strongest; 0 between tokens."""
        laid = np.zeros(len(self.text))
        for place in np.argsort(np.abs(self.weights), kind="stable").tolist():
            start, stop = self.offsets[place].tolist()
            if stop > start:
                laid[start:stop] = self.weights[place]
        return laid

    @property
    def weighted(self) -> WeightedText:
        """What every view shows."""
        return weighted_text(self)

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        return str(weighted_fragment((self.weighted,)))

    def to_html(self, path: str | Path, *, pads: bool = False) -> Path:
        """Write one offline HTML page to ``path``, atomically, and return ``path``.

        Args:
            path: of the page.
            pads: whether a strip below the text shows the weights of the pads.
        """
        return write_weighted(Path(path), (self.weighted,), pads=pads)

    def to_terminal(self, width: int, depth: str) -> str:
        """Return lines of at most ``width`` columns for a terminal of colour ``depth``: none, 256 or truecolor."""
        return weighted_lines((self.weighted,), width, depth)

    def __str__(self) -> str:
        """Return the view for standard output as it is now: its width, and the colours it takes."""
        depth = colour_depth(sys.stdout.isatty(), os.environ)
        return self.to_terminal(shutil.get_terminal_size().columns, depth)

    def __repr__(self) -> str:
        """Return one line; ``print`` shows the text."""
        return (f"TextExplanation({visible(self.target)!r}, {self.scored} {self.score:.3f}, {self.method}, "
                f"{len(self.tokens):,} tokens)")

    def figure(self, columns: int = 80, *, notes: bool = True) -> "Figure":
        """Return the coloured text as a matplotlib figure; :func:`probe.render.save_figure` writes it.

        For a paper with a caption of its own: ``figure(42, notes=False)``, the coloured text alone.

        Args:
            columns: characters a line, at least 10.
            notes: whether caption, facts and legend stand above; a paper may have its own.
        """
        from probe.render.weighted_figure import weighted_figure

        return weighted_figure((self.weighted,), columns, notes=notes)

    def strip(self) -> "Figure":
        """Return a figure of the layer's heat map stretched over the tokens, and of their weights.

        Runs of padding are one grey bar that says how many there are.

        Raises:
            UserError: there are no tokens.
        """
        from probe.render.strip import strip_figure

        return strip_figure((self.stripped,))

    @property
    def stripped(self) -> "Strip":
        """What :meth:`strip` draws."""
        from probe.render.strip import Strip

        if not self.tokens:
            raise UserError("a strip needs tokens; received an explanation of none")
        return Strip(self.tokens, self.weights, self.pads, self.full_scale, self.heatmap, self.weighted.heading,
                     self.layer or "")

    def to_json(self) -> dict[str, Any]:
        """Return plain values, all of them finite, that :meth:`from_json` reads back to the last bit."""
        from probe.explain.explanation.plain_form import plain

        return plain(self)

    @classmethod
    def from_json(cls, values: Any) -> "TextExplanation":
        """Return the explanation whose :meth:`to_json` is ``values``.

        Raises:
            UserError: a field is missing, unknown or of another type, or the version is another one.
        """
        from probe.explain.explanation.plain_form import explanation_of

        return explanation_of(values)
