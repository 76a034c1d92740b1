"""Portraits of the units that a scan has found, and what else a page tells of their network."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from probe.activations import LayerSignal
from probe.activations.gates import GateStatistics, with_gates
from probe.activations.next_characters import NextCharacters
from probe.activations.signal import GATES
from probe.errors import UserError
from probe.progress import progress_bar
from probe.scan.exact import Exact
from probe.scan.finding import Passage
from probe.scan.portrait import EXPECTED, GateShares, Portrait
from probe.scan.portraits.contexts import contexts_of
from probe.scan.portraits.histograms import histograms
from probe.scan.portraits.pushes import measured, pushes, written
from probe.scan.portraits.similarity import Similarity

# Is given how many characters were read.
Told = Callable[[int], Any]


@dataclass(frozen=True)
class Portrayed:
    """What :class:`~probe.scan.findings.Findings` holds under the same names."""

    passages: tuple[Passage, ...]
    portraits: tuple[Portrait, ...] = ()
    saturation: Mapping[str, GateShares] = field(default_factory=dict)
    alphabet: tuple[str, ...] = ()


def portrayed(confirmation: Any, exact: Exact, boolean: np.ndarray, passages: Sequence[Passage], characters: int, *,
              show: bool) -> Portrayed:
    """Portray units on the first characters of the confirmation text, which are read again, in this process.

    Args:
        confirmation: activations over that text. With those of a network the gates are read too; with those of a run,
            what it expects next.
        exact: what the units did on the first characters, and the labels there.
        boolean: (P,) bool, which patterns are not graded.
        passages: to which what is expected next is added.
        characters: how many, at most; 0 leaves everything out.
        show: whether to show progress.
    """
    if characters == 0:
        return Portrayed(tuple(passages))
    chosen, values, labels = exact.units, exact.values[:characters], exact.labels[:characters]
    start, length = confirmation.segment.start, len(values)
    coming: NextCharacters | None = confirmation.next_characters() if hasattr(confirmation, "next_characters") else None
    more = length + sum(len(each.text) for each in passages) if coming else 0
    with progress_bar(length + more, "portraits", show=show) as bar:
        similarity, gates = _read(confirmation, length, chosen, bar.update)
        changes = measured(coming, values, start, bar.update) if coming else None
        expecting = tuple(_expecting(each, coming, bar.update) for each in passages) if coming else tuple(passages)
    saturation = {layer: _shares(gates, layer) for layer in gates.units} if gates else {}
    alphabet = coming.alphabet if coming else ()
    text = confirmation.corpus.document(start, start + length).text
    inside = np.ascontiguousarray(((labels > 0.5) & boolean).T, np.float32)
    portraits = []
    for place, ((source, column), relations) in enumerate(zip(chosen, similarity.relations(), strict=True)):
        own, unit = np.ascontiguousarray(values[:, place]), confirmation.units[source][column]
        by_weights = written(coming, *source, unit) if coming else ()
        as_seen = pushes(changes[place], alphabet) if changes is not None else ()
        portraits.append(Portrait(
            *source, unit, float(own.min()), float(own.max()), length, contexts_of(own, text, start),
            *histograms(own, inside), *relations, by_weights, as_seen, _half_life(saturation.get(source[0]), unit)))
    return Portrayed(expecting, tuple(portraits), saturation, alphabet)


def _read(confirmation: Any, length: int, chosen: Sequence[tuple[LayerSignal, int]],
          told: Told) -> tuple[Similarity, GateStatistics | None]:
    """Read all units, and all gates that are there, over the first characters of a text."""
    blocks, start = with_gates(confirmation), confirmation.segment.start
    # A text that is read document by document has a beginning, but no parts.
    beginning = blocks.beginning(length) if hasattr(blocks, "beginning") else blocks.part(start, start + length)
    similarity, gates = Similarity(confirmation.units, chosen), None
    gated = any(signal in GATES for _, signal in blocks.units)
    for block in beginning:
        similarity.update(block)
        if gated:
            try:
                here = GateStatistics.of_block(block, blocks.units, {})
                gates = gates.merge(here) if gates else here
            except UserError:  # the gates of others need not be sigmoids, and nothing is told of such
                gates, gated = None, False
        told(block.losses.size)
    return similarity, gates


def _expecting(passage: Passage, coming: NextCharacters, told: Told) -> Passage:
    """The passage with the most probable characters after each of its own, the lowest ids of equals first."""
    size, length = min(EXPECTED, len(coming.bias)), len(passage.text)
    expected, chances = np.empty((length, size), np.int32), np.empty((length, size), np.float32)
    for position, shares in coming.over(passage.start, passage.start + length):
        rows = slice(position - passage.start, position - passage.start + len(shares))
        expected[rows] = _most_probable(shares, size)
        chances[rows] = np.take_along_axis(shares, expected[rows], axis=1)
        told(len(shares))
    return replace(passage, expected=expected, chances=chances)


def _most_probable(shares: np.ndarray, size: int) -> np.ndarray:
    """Return the ids (T, size) of the largest of shares (T, V), none negative, the lowest ids of equals first: sorting
    all of them takes most of the time where a vocabulary has thousands of characters."""
    left, rows = shares.copy(), np.arange(len(shares))
    found = np.empty((len(shares), size), np.int64)
    for place in range(size):
        found[:, place] = left.argmax(axis=1)
        left[rows, found[:, place]] = -1
    return found


def _shares(gates: GateStatistics, layer: str) -> GateShares:
    units = gates.units[layer]
    unread = np.full(len(units), np.nan)
    left, right = (np.stack([share(layer, gate) if (layer, gate) in gates.saturation else unread for gate in GATES])
                   for share in (gates.left, gates.right))
    return GateShares(tuple(units), left, right, gates.half_life(layer) if layer in gates.retention else unread)


def _half_life(shares: GateShares | None, unit: int) -> float | None:
    if shares is None or unit not in shares.units:
        return None
    half_life = float(shares.half_life[shares.units.index(unit)])
    return None if math.isnan(half_life) else half_life
