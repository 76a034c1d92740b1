"""One unit by itself, in the views of a notebook, a terminal and a page."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from probe.render import ColouredText, ViewOptions
from probe.render.graphemes import visible
from probe.render.html import fragment, write_page
from probe.render.notebook import stacked, table_fragment
from probe.render.shown import Shown
from probe.render.signs import name_of
from probe.render.terminal import colour_depth, terminal_lines
from probe.render.wrapping import wrapped
from probe.scan.finding import unit_label
from probe.scan.levels import values_of
from probe.scan.portrait import BANDS, Context, Portrait, Push, Relation


@dataclass(frozen=True, eq=False)
class UnitView:
    """A unit and what is known of it.

    Attributes:
        portrait: what was collected of the unit.
        view: how its contexts are coloured.
    """

    portrait: Portrait
    view: ViewOptions = ViewOptions()

    @property
    def label(self) -> str:
        """The unit's name."""
        return unit_label(self.portrait.layer, self.portrait.signal, self.portrait.unit)

    def texts(self) -> list[ColouredText]:
        """Return the contexts as coloured texts from the highest band down, what chose each underlined."""
        return [self._text(context) for context in sorted(self.portrait.contexts, key=lambda each: -each.band)]

    def facts(self) -> list[tuple[str, str]]:
        """Return what is known beside the contexts, as names and words."""
        portrait, facts = self.portrait, []
        ends = f"{portrait.low:.3f} to {portrait.high:.3f}".replace("-", "−")
        facts.append(("range", f"{ends} on {portrait.characters:,} characters"))
        if portrait.half_life is not None:
            facts.append(("half-life", f"{portrait.half_life:,.1f} characters".replace("inf", "∞")))
        for name, pushes in (("output weights", portrait.written), ("next character, measured", portrait.measured)):
            if pushes:
                facts += [(f"{name}, towards", _pushed([push for push in pushes if push.change > 0])),
                          (f"{name}, away", _pushed([push for push in reversed(pushes) if push.change < 0]))]
        for name, relations in (("most similar", portrait.similar), ("most opposite", portrait.opposite)):
            if relations:
                facts.append((name, _related(relations)))
        return facts

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        return stacked(table_fragment(("", ""), self.facts(), f"Unit {self.label}"), fragment(self._shown()))

    def to_html(self, path: Path) -> Path:
        """Write the contexts as one offline HTML page to ``path``, atomically, and return ``path``."""
        return write_page(path, self._shown())

    def __str__(self) -> str:
        """Return the view for standard output as it is now."""
        width = shutil.get_terminal_size().columns
        depth = colour_depth(sys.stdout.isatty(), os.environ)
        widest = max(len(name) for name, _ in self.facts())
        lines = [f"{name if place == 0 else '':{widest}}  {line}" for name, words in self.facts()
                 for place, line in enumerate(wrapped(visible(words), max(20, width - widest - 2)))]
        return "\n".join([f"unit {visible(self.label)}", *lines, "",
                          *(terminal_lines(shown, width, depth) for shown in self._shown())])

    def _shown(self) -> list[Shown]:
        """The contexts, each band named above its first, how to read them said below the last."""
        shown = [text.shown for text in self.texts()]
        captions = [each.caption for each in shown]
        bare = [replace(each.bare, caption="" if caption in captions[:place] else caption)
                for place, (each, caption) in enumerate(zip(shown, captions, strict=True))]
        if not bare:
            return []
        return [*bare[:-1], replace(bare[-1], notes=shown[-1].notes[:-1])]

    def _text(self, context: Context) -> ColouredText:
        portrait = self.portrait
        values = values_of(context.levels, portrait.low, portrait.high)
        text = self.view.of(context.text, values, portrait.signal, f"unit {self.label}: {BANDS[context.band]}",
                            marks=np.arange(len(context.text)) == context.at, marked="where it is so")
        return replace(text, flowing=True)


def _pushed(pushes: Sequence[Push]) -> str:
    names = [name_of(push.character) if push.character else "others" for push in pushes]
    return ", ".join(f"{name} {_signed(push.change, 3)}" for name, push in zip(names, pushes, strict=True))


def _related(relations: Sequence[Relation]) -> str:
    return ", ".join(f"{unit_label(each.layer, each.signal, each.unit)} {_signed(each.correlation, 2)}"
                     for each in relations)


def _signed(value: float, decimals: int) -> str:
    return f"{value:+.{decimals}f}".replace("-", "−")
