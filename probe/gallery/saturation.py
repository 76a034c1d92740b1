"""How the gates of each layer stand, as points of a drawing that lead to their units."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from probe.gallery.portrait import GATES
from probe.scan.portrait import GateShares

SIDE = 200.0


@dataclass(frozen=True)
class Panel:
    """One gate of one layer: a ``title``, and of each unit ``(x, y, what hovering says, where it leads)``, the origin
    of x and y above."""

    title: str
    points: Sequence[tuple[float, float, str, str]]


def panels(saturation: Mapping[str, GateShares], href: Callable[[str, int], str]) -> dict[str, list[Panel]]:
    """Return layer → a panel for each of its gates that was read.

    Args:
        saturation: layer → its gates.
        href: leads from a layer and a unit to the unit's own page; an empty one leads nowhere.
    """
    drawn: dict[str, list[Panel]] = {}
    for layer, shares in saturation.items():
        made = [Panel(f"layer {layer}, {name} gate", _points(layer, shares, gate, href))
                for gate, name in enumerate(GATES) if np.isfinite(shares.left[gate]).any()]
        if made:
            drawn[layer] = made
    return drawn


def _points(layer: str, shares: GateShares, gate: int,
            href: Callable[[str, int], str]) -> list[tuple[float, float, str, str]]:
    return [(round(float(right) * SIDE, 1), round((1 - float(left)) * SIDE, 1),
             f"{layer}:{unit}: open {right:.3f}, closed {left:.3f}", href(layer, unit))
            for unit, right, left in zip(shares.units, shares.right[gate], shares.left[gate], strict=True)
            if np.isfinite(left)]
