"""The activations of a text that a network writes, kept while it writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from probe.activations.block import LayerSignal
from probe.activations.interchange.recorded import Recorded
from probe.activations.store import Store, StoreOptions, check_folder, holds_store, write_store
from probe.corpus import Corpus
from probe.errors import UserError
from probe.model.sampling import Sampled

# Bytes of all activations that are held until the text ends.
LARGEST = 1 << 30


@dataclass
class Recording:
    """Characters with their activations, of which there will be at most ``most``.

    Attributes:
        most: room for so many characters.
        provenance: JSON values: which network, and how it was let write.
        characters: those that are kept.
    """

    most: int
    provenance: Mapping[str, Any]
    characters: list[str] = field(default_factory=list)
    _arrays: dict[LayerSignal, np.ndarray] = field(default_factory=dict)

    def add(self, sampled: Sampled) -> None:
        """Keep one more character."""
        if not self._arrays:
            self._arrays = {source: np.empty((self.most, len(values)), np.float32)
                            for source, values in sampled.activations.items()}
        for source, values in sampled.activations.items():
            self._arrays[source][len(self.characters)] = values
        self.characters.append(sampled.character)

    def blocks(self) -> Recorded:
        """Return text and activations as a scan takes them.

        Raises:
            UserError: the text is shorter than three characters, or holds characters that no text may hold.
        """
        text = "".join(self.characters)
        if not text:
            raise UserError("nothing was written, so there is nothing to record")
        arrays = {source: array[:len(text)] for source, array in self._arrays.items()}
        return Recorded.of(arrays, Corpus.of(text, "a text that the network wrote"), provenance=self.provenance)

    def write(self, folder: Path, options: StoreOptions = StoreOptions()) -> Store:
        """Write a store to ``folder``, which is new, empty, or holds what a killed writer of the same left.

        Raises:
            UserError: as :meth:`blocks` and :func:`~probe.activations.write_store`.
        """
        return write_store(self.blocks(), folder, options, show=False)


def check_record(folder: Path, most: int, numbers: int) -> None:
    """Look for what would stop a recording, before a text is written.

    Args:
        folder: where it is to go.
        most: characters that may come.
        numbers: kept of each.

    Raises:
        UserError: something is in ``folder``, other than what a writer that was killed left there, or the activations
            would not fit in memory.
    """
    if 4 * numbers * most > LARGEST:
        raise UserError(f"--record keeps {numbers:,} numbers a character in memory until the text ends, which is "
                        f"enough for {LARGEST // (4 * numbers):,} characters; received {most:,} with the prompt: write "
                        "fewer, or 'probe extract' the text when it is written")
    check_folder(folder)
    if holds_store(folder):
        raise UserError(f"{folder}: is there already; name a new folder for what is recorded")
