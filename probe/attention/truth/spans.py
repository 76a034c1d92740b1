"""Parts of written dates: hidden, cut out, and how much attention and what cost they have."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from probe.attention.dates import WrittenDate
from probe.attention.translator.symbols import LONGEST
from probe.attention.truth.parts import DAY, MONTH, YEAR
from probe.errors import UserError

if TYPE_CHECKING:
    from probe.attention.translator.symbols import Symbols
    from probe.attention.translator.translator import Translator

# All fields that a date may have, and what stands between them.
WEEKDAY, OTHER = "weekday", "between"
FIELDS = (WEEKDAY, "day", "month", "month_name", "year", OTHER)
# The fields from which a reader would take each part of the output.
SOURCES: Mapping[str, frozenset[str]] = {
    YEAR: frozenset({"year"}), MONTH: frozenset({"month", "month_name"}), DAY: frozenset({"day"})}
_PRIVATE = range(0xE000, 0xF900)
# Texts that are read at once.
AT_ONCE = 256


def field_masks(text: WrittenDate) -> dict[str, np.ndarray]:
    """Return name → (S,) bool of the characters of each field that a written date has, and of what is between them."""
    masks: dict[str, np.ndarray] = {}
    for name, start, stop in text.fields:
        masks.setdefault(name, np.zeros(len(text.text), bool))[start:stop] = True
    between = ~np.any([np.zeros(len(text.text), bool), *masks.values()], axis=0)
    return {**masks, **({OTHER: between} if between.any() else {})}


def hidden(text: str, mask: np.ndarray, symbols: "Symbols") -> str:
    """Return ``text`` with a character that the network has never seen, and so takes for a hidden one, where ``mask``
    (S,) is true."""
    sign = next((chr(point) for point in _PRIVATE if symbols.unknown(chr(point))), None)
    if sign is None:
        raise UserError("the translator knows all characters of Unicode's private area, so that none stands for a "
                        "hidden one")
    return "".join(sign if hide else character for character, hide in zip(text, mask, strict=True))


def without_field(text: WrittenDate, name: str) -> list[str]:
    """Return ``text`` without a field, in each way of taking what separates it from the rest with it; none if the field
    is not there, or is all there is.

    What goes with it, way after way: all up to the next field; all from the one before; the space before it; the space
    behind it; all on both sides.
    """
    place = next((place for place, each in enumerate(text.fields) if each[0] == name), None)
    if place is None or len(text.fields) < 2:
        return []
    start, stop = text.fields[place][1:]
    before = text.fields[place - 1][2] if place else 0
    after = text.fields[place + 1][1] if place + 1 < len(text.fields) else len(text.text)
    ways = [text.text[:start] + text.text[after:], text.text[:before] + text.text[stop:],
            text.text[:start].rstrip() + text.text[stop:], text.text[:start] + text.text[stop:].lstrip(),
            text.text[:before] + text.text[after:]]
    return list(dict.fromkeys(way for way in ways if way.strip()))


def log_probabilities(translator: "Translator", texts: Sequence[str], outputs: Sequence[str]) -> np.ndarray:
    """Return (B, 11) float64 nats, the log-probability of each character of outputs and of their ends; 0 behind it."""
    rows = [translator.read(translator.symbols.source_ids(texts[first:first + AT_ONCE]), outputs[first:first + AT_ONCE])
            for first in range(0, len(texts), AT_ONCE)]
    return np.concatenate([np.zeros((0, LONGEST)), *(each.log_probabilities for each in rows)])


def attention(translator: "Translator", texts: Sequence[str], outputs: Sequence[str]) -> list[np.ndarray]:
    """Return (T, S) float64 of each text: what is attended to for each character of its output, and for its end."""
    found: list[np.ndarray] = []
    for first in range(0, len(texts), AT_ONCE):
        some, written = texts[first:first + AT_ONCE], outputs[first:first + AT_ONCE]
        weights = translator.read(translator.symbols.source_ids(some), written).weights
        found += [each[:len(output) + 1, :len(text)] for each, text, output in zip(weights, some, written, strict=True)]
    return found
