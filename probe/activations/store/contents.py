"""What a store holds, apart from its numbers: the head of its manifest, which also tells one store from another."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from probe.activations.block import MOST_UNITS, Blocks, LayerSignal
from probe.activations.store.options import StoreOptions
from probe.corpus import Segment
from probe.errors import UserError

LOSS_BYTES = 4
LONGEST_NAME, DEEPEST = 200, 20
ROOT = "activations"
# What tells nothing about which store it is.
BESIDE = ("log", "notes")


@dataclass(frozen=True)
class Contents:
    """The rows, columns and origin of a store.

    Attributes:
        text: the corpus's source as JSON values, among them the ``sha256`` of its bytes.
        segment: which part of the text.
        options: dtype, every k-th row.
        units: (layer, signal) → index in its layer of each unit, in the order of the columns.
        provenance: where the activations come from, as JSON values.
        log: records of the training's loss, oldest first.
        notes: other JSON values to keep beside the provenance.
    """

    text: Mapping[str, Any]
    segment: Segment
    options: StoreOptions
    units: Mapping[LayerSignal, tuple[int, ...]]
    provenance: Mapping[str, Any]
    log: Sequence[Mapping[str, Any]] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, blocks: Blocks, options: StoreOptions, notes: Mapping[str, Any] | None = None) -> "Contents":
        """Describe the store of ``blocks``.

        Raises:
            UserError: no units, or layers and signals by whose names no place in a file can be called.
        """
        if not len(blocks.segment):
            raise UserError("a store needs at least one character; received an empty segment")
        units = {source: tuple(int(unit) for unit in held) for source, held in blocks.units.items()}
        if not units or not all(units.values()):
            raise UserError("a store needs at least one unit of each layer and signal; received none")
        _check_names(units)
        for (layer, signal), held in units.items():
            if min(held) < 0 or max(held) >= MOST_UNITS:
                raise UserError(f"{layer}/{signal}: the index of a unit must be 0 to {MOST_UNITS - 1:,}; received "
                                f"{max(held) if min(held) >= 0 else min(held):,}")
        # Through JSON and back, so that what is compared with a manifest is what a manifest gives.
        told = [dict(blocks.corpus.source), dict(blocks.provenance), list(blocks.log), dict(notes or {})]
        text, provenance, log, notes = json.loads(json.dumps(told, allow_nan=False))
        return cls(text, blocks.segment, options, units, provenance, log, notes or {})

    @property
    def rows(self) -> int:
        """N, the rows of each array: characters of the segment, each k-th."""
        return -(-len(self.segment) // self.options.every)

    @property
    def row_bytes(self) -> int:
        """Bytes of one row of all arrays and its loss, which may be unknown and missing."""
        columns = sum(len(units) for units in self.units.values())
        return columns * self.options.kept.itemsize + LOSS_BYTES

    @cached_property
    def identity(self) -> str:
        """What every part of the store carries, 64 hexadecimal digits."""
        return hashlib.sha256(json.dumps(self._known, sort_keys=True).encode("ascii")).hexdigest()

    def differences(self, asked: "Contents") -> list[str]:
        """Return in words each value in which ``asked`` is another store than this; log and notes may differ."""
        there, wanted = (dict(_leaves(each._known, "")) for each in (self, asked))
        return [f"{place.rpartition('.')[2]}: {_shown(there.get(place))} there, {_shown(wanted.get(place))} asked for"
                for place in {**there, **wanted} if there.get(place) != wanted.get(place)]

    def to_json(self) -> dict[str, Any]:
        """Return JSON values that :meth:`from_json` reads."""
        return {"text": dict(self.text), "segment": [self.segment.start, self.segment.stop],
                **asdict(self.options),
                "units": [[layer, signal, _runs(units)] for (layer, signal), units in self.units.items()],
                "provenance": dict(self.provenance), "log": [dict(record) for record in self.log],
                "notes": dict(self.notes)}

    @property
    def _known(self) -> dict[str, Any]:
        """All that tells this store from others."""
        return {name: value for name, value in self.to_json().items() if name not in BESIDE}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Contents":
        """Return what :meth:`to_json` described.

        Raises:
            UserError, KeyError, TypeError, ValueError: ``value`` is not such a description.
        """
        start, stop = value["segment"]
        if not (isinstance(start, int) and isinstance(stop, int) and 0 <= start < stop):
            raise ValueError(f"a segment cannot be {start!r} to {stop!r}")
        options = StoreOptions(value["dtype"], value["every"])
        units = {(_name(layer), _name(signal)): _unfolded(runs) for layer, signal, runs in value["units"]}
        return cls(dict(value["text"]), Segment(start, stop), options, units, dict(value["provenance"]),
                   [dict(record) for record in value["log"]], dict(value["notes"]))


def place_of(source: LayerSignal) -> str:
    """Return where in a part's file the array of a layer and signal lies."""
    return "/".join((ROOT, *source))


def _check_names(sources: Iterable[LayerSignal]) -> None:
    """Refuse names by which no place in a file can be called, or which would be places inside one another."""
    places = [place_of(source) for source in sources]
    for place, (layer, signal) in zip(places, sources, strict=True):
        parts = place.split("/")
        clear = all(part not in ("", ".", "..") and part.isprintable() and len(part) <= LONGEST_NAME for part in parts)
        if not clear or len(parts) > DEEPEST or any(f"{other}/".startswith(f"{place}/") for other in places
                                                    if other is not place):
            raise UserError(f"layer {layer!r} with signal {signal!r}: cannot be kept under these names; accepted are "
                            f"printable names of at most {LONGEST_NAME} characters, none the beginning of another")


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a name must be text, not {value!r}")
    return value


def _runs(units: Sequence[int]) -> list[list[int]]:
    """``(0, 1, 2, 7)`` → ``[[0, 3], [7, 8]]``."""
    cuts = [0, *(place for place in range(1, len(units)) if units[place] != units[place - 1] + 1), len(units)]
    return [[units[first], units[last - 1] + 1] for first, last in zip(cuts, cuts[1:], strict=False)] if units else []


def _unfolded(runs: Sequence[Sequence[int]]) -> tuple[int, ...]:
    bounds = np.asarray(runs, np.int64).reshape(-1, 2)
    if len(bounds) == 0 or (bounds < 0).any() or (bounds > MOST_UNITS).any() or (bounds[:, 0] >= bounds[:, 1]).any():
        raise ValueError(f"units cannot be {runs!r}")
    if int((bounds[:, 1] - bounds[:, 0]).sum()) > MOST_UNITS:
        raise ValueError(f"more than {MOST_UNITS:,} units")
    return tuple(unit for start, stop in bounds.tolist() for unit in range(start, stop))


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{place}.{name}" if place else name)
    else:
        yield place, value


def _in_words(value: Any) -> str:
    """``[["1", "cell", [[0, 64], [189, 190]]]]`` → ``"1, cell, 0 to 64, 189 to 190"``: lists without brackets."""
    if not isinstance(value, list):
        return str(value)
    return (" to " if all(isinstance(each, int) for each in value) else ", ").join(map(_in_words, value))


def _shown(value: Any) -> str:
    words = "nothing" if value is None else _in_words(value)
    return words if len(words) <= 60 else words[:59] + "…"
