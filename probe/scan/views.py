"""How findings are looked at: coloured text, histograms, heat map, gates, loss, and what a notebook shows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from probe.activations import LayerSignal
from probe.errors import UserError
from probe.options import named
from probe.render import ColouredText, GatePlot, HeatMap, Histogram, LossCurve, ViewOptions
from probe.render.gate_plot import GatePanel
from probe.render.notebook import stacked, table_fragment
from probe.scan.finding import Finding, Passage, PatternNote, unit_label
from probe.scan.portrait import GateShares, Portrait
from probe.scan.tables import HEADERS, strongest_first, summary_cells
from probe.scan.unit_view import UnitView

GATES = ("input_gate", "forget_gate", "output_gate")
# Characters of coloured text, and patterns, that a notebook shows of findings unasked.
EXCERPT, SHOWN = 600, 30


class FindingsViews:
    """The views of :class:`probe.scan.findings.Findings`, which holds what is declared here."""

    patterns: tuple[PatternNote, ...]
    units: Mapping[LayerSignal, Sequence[int]]
    findings: tuple[Finding, ...]
    measures: Mapping[str, np.ndarray]
    passages: tuple[Passage, ...]
    log: tuple[Mapping[str, Any], ...]
    portraits: tuple[Portrait, ...]
    saturation: Mapping[str, GateShares]

    def text(self, finding: Finding, view: ViewOptions = ViewOptions()) -> ColouredText:
        """Return the passage of a finding coloured by its unit: for the terminal, a notebook, a page or a figure.

        Characters inside a boolean pattern are underlined.

        Example::

            text = findings.text(findings.findings[0]).part(0, 600)
            print(text)
            save_figure(text.figure(columns=80), "quotes.pdf")
            save_figure(text.trace_figure(), "quotes.svg")

        Args:
            finding: one of these.
            view: how values become colours, and on which character they lie.
        """
        passage = self.passages[finding.passage]
        scores, where = ((finding.confirmation, "held-out text") if finding.confirmation.fields
                         else (finding.selection, "the text on which it was chosen"))
        reached = f"{scores.correlation:+.2f}".replace("-", "−")
        caption = f"unit {finding.label} and {finding.pattern}: r {reached} on {where}"
        if finding.best_ngram.fields:
            caption += f", {abs(finding.best_ngram.correlation):.2f} by the last characters alone"
        column = self._column(finding.pattern)
        marks = passage.labels[:, column] > 0.5 if self.patterns[column].kind == "boolean" else None
        values = passage.values(finding.layer, finding.signal, finding.unit)
        return view.of(passage.text, values, finding.signal, caption, marks=marks,
                       marked=finding.pattern.replace("_", " "))

    def unit(self, name: str, signal: str = "hidden", view: ViewOptions = ViewOptions()) -> UnitView:
        """Return one unit by itself, as a notebook shows it: its contexts, histogram and neighbours.

        Example::

            findings.unit("2:189")

        Args:
            name: ``layer:unit``, or a label as pages name it: ``"2:189 cell"``.
            signal: of that unit.
            view: how its contexts are coloured.

        Raises:
            UserError: the findings hold no portrait of it.
        """
        portraits = {(f"{each.layer}:{each.unit}", each.signal): each for each in self.portraits}
        portraits |= {(unit_label(each.layer, each.signal, each.unit), "hidden"): each for each in self.portraits}
        if (name, signal) not in portraits:
            known = ", ".join(unit_label(each.layer, each.signal, each.unit) for each in self.portraits) or "none"
            raise UserError(f"these findings hold portraits of {known}; received {name!r}, {signal}")
        return UnitView(portraits[name, signal], view)

    def histogram(self, finding: Finding, pattern: str | None = None) -> Histogram:
        """Return how often the unit of a finding had each activation, inside a boolean pattern and outside.

        Example::

            save_figure(findings.histogram(findings.findings[0]).figure(), "histogram.pdf")

        Args:
            finding: whose unit.
            pattern: its name. Defaults to that of the finding.

        Raises:
            UserError: no such pattern, it is graded, or the findings hold no portrait of the unit.
        """
        column = self._column(pattern or finding.pattern)
        if self.patterns[column].kind != "boolean":
            raise UserError(f"a histogram is split by a boolean pattern; {self.patterns[column].name} is graded")
        portrait = self.unit(f"{finding.layer}:{finding.unit}", finding.signal).portrait
        inside = portrait.inside[column]
        return Histogram(inside, portrait.counts - inside, portrait.low, portrait.high, f"unit {finding.label}",
                         self.patterns[column].name.replace("_", " "))

    def heat_map(self, layer: str | None = None, signal: str | None = None, *, most: int = 60,
                 text: str = "confirmation") -> HeatMap:
        """Return the correlation of units with patterns, like beside like.

        Example::

            save_figure(findings.heat_map("2", most=40).figure(), "units.pdf")

        Args:
            layer, signal: units of these alone.
            most: at most so many, those with the largest correlation in magnitude.
            text: ``"confirmation"``, held out, or ``"selection"``, on which the units were ranked.

        Raises:
            UserError: no such layer, signal or text, or nothing has a correlation there.
        """
        for kind, wanted, place in (("layer", layer, 0), ("signal", signal, 1)):
            if wanted is not None:
                named(kind, wanted, {source[place]: None for source in self.units})
        scores = named("text", f"{text}/correlation", {name: values for name, values in self.measures.items()
                                                       if name.endswith("/correlation")})
        units = [(*source, unit) for source, indices in self.units.items() for unit in indices]
        rows = [row for row, (of, kind, _) in enumerate(units) if layer in (None, of) and signal in (None, kind)]
        strength = np.abs(np.nan_to_num(scores[rows])).max(axis=1, initial=0)
        kept = [rows[place] for place in np.sort(np.argsort(-strength, kind="stable")[:most])]
        return HeatMap(scores[kept], [unit_label(*units[row]) for row in kept], [note.name for note in self.patterns],
                       f"correlation, {text} text").clustered()

    def gates(self) -> GatePlot:
        """Return the scatter plot of gate saturation, a panel a layer and gate.

        Example::

            save_figure(findings.gates().figure(), "gates.pdf")

        Raises:
            UserError: no gates were read for these findings.
        """
        panels = [GatePanel(layer, gate, shares.units, shares.right[row], shares.left[row])
                  for layer, shares in self.saturation.items() for row, gate in enumerate(GATES)
                  if np.isfinite(shares.right[row]).all()]
        if not panels:
            raise UserError("these findings hold no gates; 'probe gates RUN' reads them")
        return GatePlot(tuple(panels), f"{max((each.characters for each in self.portraits), default=0):,} characters")

    def loss_curve(self) -> LossCurve:
        """Return the loss of the run that was scanned.

        Example::

            save_figure(findings.loss_curve().figure(), "loss.pdf")

        Raises:
            UserError: fewer than two losses were logged, as with activations that come without a training.
        """
        curve = LossCurve.of(self.log)
        if curve is None:
            raise UserError("these findings hold fewer than two losses, too few to draw")
        return curve

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows: the best unit of each pattern, and the clearest one's text."""
        best = strongest_first([finding for finding in self.findings if finding.rank == 1])
        if not best:
            return table_fragment(HEADERS, [], "No unit could be ranked.")
        rest = f"; the first {SHOWN} are shown" if len(best) > SHOWN else ""
        caption = (f"The best unit of {len(best)} of {len(self.patterns)} patterns, those whose evidence bears most "
                   f"first{rest}.")
        return stacked(table_fragment(HEADERS, [summary_cells(finding) for finding in best[:SHOWN]], caption),
                       self._excerpt(best[0])._repr_html_())

    def _excerpt(self, finding: Finding) -> ColouredText:
        """The text of a finding from the line on in which its label first changes."""
        text = self.text(finding)
        labels = self.passages[finding.passage].labels[:, self._column(finding.pattern)]
        changes = np.flatnonzero(np.diff(labels))
        start = text.text.rfind("\n", 0, int(changes[0]) + 1 if len(changes) else 0) + 1
        return text.part(start, min(len(text.text), start + EXCERPT))

    def _column(self, pattern: str) -> int:
        return named("pattern", pattern, {note.name: column for column, note in enumerate(self.patterns)})
