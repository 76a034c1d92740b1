"""Several explanations, looked at together: labels of one text, or texts of a batch."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from probe.errors import UserError
from probe.explain.explanation.explanation import TextExplanation
from probe.explain.explanation.verdict import predicted_labels
from probe.render.terminal import colour_depth
from probe.render.weighted_html import weighted_fragment, write_weighted
from probe.render.weighted_terminal import weighted_lines
from probe.render.weighted_text import WeightedText

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class TextExplanations(Sequence[TextExplanation]):
    """Explanations in their order, with the views of one.

    Args:
        explanations: at least one.
        one_scale: whether all get one scale of colours, the largest of theirs, so that they can be compared; weights of
            different methods have different units, and each keeps its own.

    Raises:
        UserError: there are none.
    """

    def __init__(self, explanations: Iterable[TextExplanation], *, one_scale: bool = True) -> None:
        items = tuple(explanations)
        if not items:
            raise UserError("explanations must be at least one; received none")
        largest = max(each.full_scale for each in _with_weights(items))
        self._items = tuple(replace(each, scale=largest) for each in items) if one_scale else items

    @overload
    def __getitem__(self, place: int) -> TextExplanation: ...

    @overload
    def __getitem__(self, place: slice) -> "TextExplanations": ...

    def __getitem__(self, place: int | slice) -> "TextExplanation | TextExplanations":
        """Return one explanation, or those of a range; they keep their scale."""
        if isinstance(place, slice):
            return TextExplanations(self._items[place], one_scale=False)
        return self._items[place]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._items)

    def __iter__(self) -> Iterator[TextExplanation]:
        """Yield them in their order."""
        return iter(self._items)

    @property
    def weighted(self) -> tuple[WeightedText, ...]:
        """What every view shows, in this order; the targets of one text by probability or score, the largest first."""
        if len({each.target for each in self._items}) < len(self) or len({each.text for each in self._items}) > 1:
            return tuple(each.weighted for each in self._items)
        return tuple(map(_marked, sorted(self._items, key=_certainty, reverse=True)))

    @property
    def title(self) -> str:
        """What they have in common, in words."""
        methods = dict.fromkeys(each.method for each in self._items)
        texts = {each.text for each in self._items}
        targets = dict.fromkeys(each.target for each in self._items)
        kind = "labels" if all(each.target in each.probabilities for each in self._items) else "targets"
        what = f"{len(targets)} {kind}" if len(targets) > 1 else next(iter(targets))
        of = f"{len(texts):,} texts, " if len(texts) > 1 else ""
        return f"{of}{what}: " + (next(iter(methods)) if len(methods) == 1 else f"{len(methods)} methods")

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        return str(weighted_fragment(self.weighted, self.title))

    def to_html(self, path: str | Path, *, pads: bool = False) -> Path:
        """Write all on one offline HTML page to ``path``, atomically, and return ``path``.

        Args:
            path: of the page.
            pads: whether strips below the texts show the weights of the pads.
        """
        return write_weighted(Path(path), self.weighted, self.title, pads=pads)

    def to_terminal(self, width: int, depth: str) -> str:
        """Return lines of at most ``width`` columns for a terminal of colour ``depth``: none, 256 or truecolor."""
        return weighted_lines(self.weighted, width, depth, self.title)

    def __str__(self) -> str:
        """Return the view for standard output as it is now: its width, and the colours it takes."""
        depth = colour_depth(sys.stdout.isatty(), os.environ)
        return self.to_terminal(shutil.get_terminal_size().columns, depth)

    def __repr__(self) -> str:
        """Return one line; ``print`` shows the texts."""
        return f"TextExplanations({', '.join(map(repr, self._items[:3]))}{', …' if len(self) > 3 else ''})"

    def figure(self, columns: int = 80, *, notes: bool = True) -> "Figure":
        """Return the coloured texts one below the other as a matplotlib figure; with ``notes=False`` for a paper.

        Args:
            columns: characters a line, at least 10.
            notes: whether captions, facts and the legend stand above.
        """
        from probe.render.weighted_figure import weighted_figure

        return weighted_figure(self.weighted, columns, notes=notes)

    def strip(self) -> "Figure":
        """Return a figure of every explanation's strip, one below the other.

        Raises:
            UserError: one has no tokens.
        """
        from probe.render.strip import strip_figure

        return strip_figure(tuple(each.stripped for each in self._items))

    def to_json(self) -> list[dict[str, Any]]:
        """Return the plain values of each."""
        return [each.to_json() for each in self._items]

    @classmethod
    def from_json(cls, values: Any) -> "TextExplanations":
        """Return the explanations whose :meth:`to_json` is ``values``; they keep their scales.

        Raises:
            UserError: it is no list, or one of them is no explanation.
        """
        if not isinstance(values, list):
            raise UserError(f"explanations must be a list; received {type(values).__name__}")
        return cls(map(TextExplanation.from_json, values), one_scale=False)


def _with_weights(items: Sequence[TextExplanation]) -> Sequence[TextExplanation]:
    """Those that have a scale of their own: where all weights are zero there is none."""
    return [each for each in items if each.scale is not None or each.weights[~each.pads].any()] or items


def _certainty(explanation: TextExplanation) -> float:
    return explanation.probabilities.get(explanation.target, explanation.score)


def _marked(explanation: TextExplanation) -> WeightedText:
    """The view of one of several targets, which says whether it is predicted."""
    shown = explanation.weighted
    if explanation.target not in predicted_labels(explanation):
        return shown
    return replace(shown, verdict="; ".join(filter(None, ("predicted", shown.verdict))))
