"""Blocks whose reading can go on from a state, without reading again what came before."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Protocol, runtime_checkable

import numpy as np

from probe.activations.block import Block, Blocks

State = Mapping[str, np.ndarray]


@runtime_checkable
class Resumable(Protocol):
    """What :class:`Blocks` may offer besides: the state between two of its blocks, as arrays."""

    def blocks_after(self, state: State | None) -> Iterator[tuple[Block, State]]:
        """Yield the blocks that come after ``state``, each with the state after it, bit for bit as in one reading.

        Args:
            state: what was yielded with the last block taken in; None before the first.
        """


def blocks_from(blocks: Blocks, taken: int, state: State) -> Iterator[tuple[Block, State]]:
    """Yield the blocks after the first ``taken``, with the state after each; by counting, where there is no state."""
    if isinstance(blocks, Resumable):
        yield from blocks.blocks_after(state if taken else None)
        return
    for block in islice(blocks, taken, None):
        yield block, {}
        del block  # or it would stay in memory while the next is made
