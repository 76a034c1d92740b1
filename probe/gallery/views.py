"""How a page brings the activations of its findings to colours: which scalings it offers, and how far each reaches."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from probe.gallery.options import BY_SIGNAL
from probe.render import PALETTES, SCALINGS, Scaling, scaling_named
from probe.render.bounds import Bounds, bounds_of
from probe.render.scaling import RAW
from probe.scan.findings import Findings


@dataclass(frozen=True)
class Views:
    """The scalings of a page.

    Attributes:
        bounds: (layer, signal) → between which its values lie.
    """

    bounds: Mapping[tuple[str, str], Bounds]

    @classmethod
    def of(cls, findings: Findings) -> "Views":
        """Return the views on ``findings``, whose passages tell which signals keep to the bounds of their names."""
        bounds = {}
        for layer, signal in findings.units:
            scales = [passage.scales[layer, signal] for passage in findings.passages]
            lowest = min((low for low, _ in scales), default=None)
            bounds[layer, signal] = bounds_of(signal, lowest, max((high for _, high in scales), default=None))
        return cls(bounds)

    def scaling(self, name: str, source: tuple[str, str]) -> Scaling:
        """Return the scaling that the page's ``name`` means for a layer and signal."""
        bounds = self.bounds[source]
        return scaling_by_signal(bounds) if name == BY_SIGNAL else scaling_named(name, bounds)

    @property
    def names(self) -> tuple[str, ...]:
        """The scalings among which a reader chooses; by signal only where signals differ in what suits them."""
        differ = len({self.scaling(BY_SIGNAL, source).name for source in self.bounds}) > 1
        return (*([BY_SIGNAL] if differ else []), *SCALINGS)

    def opening(self, asked: str) -> str:
        """Return which of :attr:`names` the page opens with if ``asked`` was chosen."""
        return asked if asked in self.names else self.scaling(asked, next(iter(self.bounds))).name

    def meaning(self, name: str) -> str:
        """Return what a legend says of a scaling, for all signals that are there."""
        if name == BY_SIGNAL:
            each = {signal: self.scaling(name, (layer, signal)).name for layer, signal in self.bounds}
            return ", ".join(f"{scaling} for {signal.replace('_', ' ')}" for signal, scaling in each.items())
        return "; and ".join(dict.fromkeys(self.scaling(name, source).meaning for source in self.bounds))

    def reach(self, name: str) -> dict[str, tuple[int, int]]:
        """Return, for each palette, the first and the last colour that a scaling can give any signal."""
        reached = [self.scaling(name, source).reach for source in self.bounds]
        ends = np.array([min(low for low, _ in reached), max(high for _, high in reached)])
        indices = {palette: PALETTES[palette].indices(ends) for palette in PALETTES}
        return {palette: (int(low), int(high)) for palette, (low, high) in indices.items()}


def scaling_by_signal(bounds: Bounds) -> Scaling:
    """Return what suits a signal on a page: raw, or, where there are no bounds, stretched to the range of the text.

    The tanh of a cell that keeps to values far from 0 has one colour alone.
    """
    return (RAW if bounds.finite else SCALINGS["stretched"]).within(bounds)
