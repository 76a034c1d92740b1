"""Portraits in a findings folder: numbers as arrays, the rest as JSON values."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from probe.activations import LayerSignal
from probe.activations.block import MOST_UNITS
from probe.activations.signal import GATES
from probe.scan.portrait import BANDS, BINS, WIDTH, Context, GateShares, Portrait, Push, Relation
from probe.scan.typed import Typed, Unfit, array_of, of_type, whole


@dataclass(frozen=True)
class _Place:
    band: int
    start: int
    text: str
    at: int


@dataclass(frozen=True)
class _Record:
    layer: str
    signal: str
    unit: int
    low: float
    high: float
    characters: int
    contexts: tuple[_Place, ...]
    similar: tuple[Relation, ...]
    opposite: tuple[Relation, ...]
    written: tuple[Push, ...]
    measured: tuple[Push, ...]


READER = Typed()


def portrait_records(portraits: Sequence[Portrait]) -> list[dict[str, Any]]:
    """Return what is no array of portraits, as JSON values."""
    return [asdict(_Record(each.layer, each.signal, each.unit, each.low, each.high, each.characters,
                           tuple(_Place(context.band, context.start, context.text, context.at)
                                 for context in each.contexts),
                           each.similar, each.opposite, each.written, each.measured)) for each in portraits]


def portrait_arrays(portraits: Sequence[Portrait], saturation: Mapping[str, GateShares]) -> dict[str, np.ndarray]:
    """Return the arrays of portraits and of gates, by name."""
    arrays = {f"saturation/{layer}/{name}": getattr(shares, name)
              for layer, shares in saturation.items() for name in ("left", "right", "half_life")}
    if portraits:
        levels = [context.levels for each in portraits for context in each.contexts]
        arrays |= {"portraits/levels": np.concatenate([np.empty(0, np.uint8), *levels]),
                   "portraits/counts": np.stack([each.counts for each in portraits]),
                   "portraits/inside": np.stack([each.inside for each in portraits]),
                   "portraits/half_life": np.array([math.nan if each.half_life is None else each.half_life
                                                    for each in portraits])}
    return arrays


def portraits_restored(made: Any, arrays: Mapping[str, np.ndarray], units: Mapping[LayerSignal, Sequence[int]],
                       patterns: int, alphabet: Sequence[str]) -> tuple[Portrait, ...]:
    """Return the portraits of records and arrays.

    Args:
        made: of :func:`portrait_records`.
        arrays: by name, those of :func:`portrait_arrays` among them.
        units: (layer, signal) → index of each unit that was scanned.
        patterns: P.
        alphabet: characters that the network knows.

    Raises:
        Unfit: they are none, or contradict the rest.
    """
    records: tuple[_Record, ...] = READER.read(tuple[_Record, ...], made, "portraits")
    if not records:
        return ()
    known = {(layer, signal, unit) for (layer, signal), indices in units.items() for unit in indices}
    for place, record in enumerate(records):
        _check(record, f"portraits[{place}]", known, set(alphabet))
    if len({(record.layer, record.signal, record.unit) for record in records}) < len(records):
        raise Unfit("portraits has a unit twice")
    texts = [context.text for record in records for context in record.contexts]
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    levels = iter(np.split(array_of("portraits/levels", arrays, (int(ends[-1]) if texts else 0,), "u"), ends[:-1]))
    counts = array_of("portraits/counts", arrays, (len(records), BINS), "i")
    inside = array_of("portraits/inside", arrays, (len(records), patterns, BINS), "i")
    half_lives = array_of("portraits/half_life", arrays, (len(records),), "f")
    if min(counts.min(), inside.min(initial=0)) < 0:
        raise Unfit("the array portraits/counts or portraits/inside has a number below 0")
    return tuple(Portrait(
        record.layer, record.signal, record.unit, record.low, record.high, record.characters,
        tuple(Context(each.band, each.start, each.text, each.at, next(levels)) for each in record.contexts),
        counts[place], inside[place], record.similar, record.opposite, record.written, record.measured,
        None if math.isnan(half_lives[place]) else float(half_lives[place])) for place, record in enumerate(records))


def saturation_restored(made: Any, arrays: Mapping[str, np.ndarray]) -> dict[str, GateShares]:
    """Return the gates of layers.

    Args:
        made: layer → index of each of its units.
        arrays: by name.

    Raises:
        Unfit: they are none.
    """
    saturation = {}
    for layer, row in of_type(dict, made, "saturation").items():
        where = f"saturation.{layer:.40}"
        units = tuple(whole(unit, where, 0, MOST_UNITS - 1) for unit in of_type(list, row, where))
        shape = (len(GATES), len(units))
        left, right = (array_of(f"saturation/{layer}/{side}", arrays, shape, "f") for side in ("left", "right"))
        saturation[layer] = GateShares(units, left, right,
                                       array_of(f"saturation/{layer}/half_life", arrays, shape[1:], "f"))
    return saturation


def alphabet_restored(made: Any) -> tuple[str, ...]:
    """Return the characters that a network knows; raise :class:`Unfit` if they are none."""
    alphabet: tuple[str, ...] = READER.read(tuple[str, ...], made, "alphabet")
    if any(len(character) > 1 for character in alphabet) or len(set(alphabet)) < len(alphabet):
        raise Unfit("alphabet has something that is no character, or one twice")
    return alphabet


def _check(record: _Record, where: str, known: set[tuple[str, str, int]], alphabet: set[str]) -> None:
    named = {(each.layer, each.signal, each.unit) for each in (*record.similar, *record.opposite)}
    if not named | {(record.layer, record.signal, record.unit)} <= known:
        raise Unfit(f"{where} names a unit that is none of the units")
    numbers = [record.low, record.high, *(each.correlation for each in (*record.similar, *record.opposite)),
               *(each.change for each in (*record.written, *record.measured))]
    if not all(map(math.isfinite, numbers)) or record.low > record.high:
        raise Unfit(f"{where} has a number that is not finite, or a low end above its high one")
    if not alphabet.issuperset(each.character for each in (*record.written, *record.measured)):
        raise Unfit(f"{where} has a character that is none of the alphabet")
    whole(record.characters, f"{where}.characters", 1)
    for place, context in enumerate(record.contexts):
        here = f"{where}.contexts[{place}]"
        whole(context.band, f"{here}.band", 0, len(BANDS) - 1)
        whole(context.start, f"{here}.start", 0)
        if not 1 <= len(context.text) <= WIDTH:
            raise Unfit(f"{here}.text has not 1 to {WIDTH} characters")
        whole(context.at, f"{here}.at", 0, len(context.text) - 1)
