"""A unit's portrait as its own page shows it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from probe.gallery.packing import base64_of, packed_text
from probe.gallery.sweep import Sweep
from probe.gallery.wording import number
from probe.render.graphemes import visible
from probe.scan.portrait import BANDS, Context, GateShares, Portrait, Push, Relation

NAMES = {"": "any other", " ": "space", "\n": "newline", "\t": "tab", "\u00a0": "no-break space"}
GATES = ("input", "forget", "output")
# A gate that stands so at fewer characters than these is said never to, and at all but these, always.
HARDLY = 0.005


def packed_portrait(portrait: Portrait, sweep: Sweep, saturation: Mapping[str, GateShares]) -> dict[str, Any]:
    """Return what the script draws of one unit, its words and numbers as they are to be read."""
    return {
        "low": portrait.low, "high": portrait.high, "characters": f"{portrait.characters:,}",
        "counts": portrait.counts.tolist(), "inside": base64_of(_inside(portrait)),
        "bands": [[BANDS[band], [_context(each) for each in portrait.contexts if each.band == band]]
                  for band in sorted({context.band for context in portrait.contexts}, reverse=True)],
        "written": _pushes(portrait.written, 2), "measured": _pushes(portrait.measured, 3),
        "similar": _relations(portrait.similar, sweep), "opposite": _relations(portrait.opposite, sweep),
        "memory": memory_words(portrait, saturation.get(portrait.layer)),
    }


def character_name(character: str) -> str:
    """Return a character of a vocabulary as it is told; what is invisible is spelt out."""
    return NAMES.get(character) or visible(character)


def memory_words(portrait: Portrait, gates: GateShares | None) -> list[str]:
    """Return how long a unit remembers and how its gates stand, a sentence each; nothing where no gate was read."""
    told = []
    if portrait.half_life is not None and not math.isnan(portrait.half_life):
        told.append(half_life_words(portrait.half_life))
    return told + standing_words(portrait.unit, gates)


def standing_words(unit: int, gates: GateShares | None) -> list[str]:
    """Return how the gates of a unit stand, a sentence each; nothing where none was read."""
    if gates is None or unit not in gates.units:
        return []
    column = list(gates.units).index(unit)
    return [gate_words(name, float(gates.left[gate, column]), float(gates.right[gate, column]))
            for gate, name in enumerate(GATES) if math.isfinite(gates.left[gate, column])]


def half_life_words(half_life: float) -> str:
    """Return a half-life in characters as a sentence."""
    if math.isinf(half_life):
        return "Its forget gate never closes at all: nothing of what the cell holds fades by itself."
    if half_life == 0:
        return "Its forget gate was exactly 0 at some character, which wipes the cell clean."
    told = f"{half_life:,.0f}" if half_life >= 20 else f"{half_life:.1f}"
    return f"Half of what its cell holds is gone after {told} character{'' if told == '1' else 's'}."


def gate_words(name: str, left: float, right: float) -> str:
    """Return how often a gate stands open or closed, as a sentence."""
    return f"Its {name} gate is open {_often(right)} and closed {_often(left)}."


def _often(share: float) -> str:
    if share < HARDLY:
        return "hardly ever"
    return "nearly always" if share > 1 - HARDLY else f"at {share:.0%}".replace("%", "\u202f% of characters")


def _inside(portrait: Portrait) -> np.ndarray:
    """Which part (P, bins) uint8 of each bin lies inside each pattern: 255 is all of it."""
    share = portrait.inside / np.maximum(portrait.counts, 1)
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)


def _context(context: Context) -> dict[str, Any]:
    return {**packed_text(context.text), "at": context.at, "levels": base64_of(context.levels),
            "where": f"{context.start + context.at:,}"}


def _pushes(pushes: Sequence[Push], decimals: int) -> list[list[Any]]:
    """Name and change in words of each character, towards and away, and its share of the largest change."""
    largest = max((abs(push.change) for push in pushes), default=0.0) or 1.0
    return [[character_name(push.character), signed(push.change, decimals), round(push.change / largest, 3)]
            for push in pushes if push.change]


def _relations(relations: Sequence[Relation], sweep: Sweep) -> list[list[Any]]:
    return [[*sweep.place(each.layer, each.signal, each.unit), number(each.correlation)] for each in relations]


def signed(value: float, decimals: int) -> str:
    """Return a change with its sign, whichever it is."""
    told = number(value, decimals)
    return told if told.startswith("−") or value <= 0 else f"+{told}"
