"""The order in which a training reads its text: a pure function of (seed, epoch, step)."""

from abc import ABC, abstractmethod

import numpy as np

from probe.errors import UserError
from probe.train.options import TrainOptions
from probe.train.shuffle import Shuffle


class Order(ABC):
    """Batches of one training split.

    Attributes:
        batch: streams or windows in a batch; at most what was asked for, fewer if the text is short.
        length: characters in each.
        steps_per_epoch: batches in one pass.
    """

    batch: int
    length: int
    steps_per_epoch: int

    @abstractmethod
    def inputs_and_targets(self, epoch: int, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids (batch, length) int32 of one batch, and what is to be predicted after them.

        Targets are (batch, length) for streams and (batch, 1) for windows.
        """

    @abstractmethod
    def fresh(self, epoch: int, step: int) -> np.ndarray:
        """Return which of the streams or windows (batch,) bool begin this step from the zero state."""

    @property
    def characters(self) -> int:
        """Characters that one step reads."""
        return self.batch * self.length


class StreamOrder(Order):
    """Contiguous streams side by side: truncated back-propagation through time with carried state.

    The split is cut into ``batch`` equal streams. Each epoch begins at an offset drawn from (seed, epoch), so that
    the truncation falls elsewhere each time. Every target lies inside the split. All streams begin an epoch from the
    zero state, and each begins anew every ``reset_every`` characters on average: a network that never reads from the
    zero state can settle in a regime that only its own carried states lead to.

    Args:
        ids: (N,) ids of the training split, memory-mapped or not.
    """

    def __init__(self, ids: np.ndarray, options: TrainOptions) -> None:
        if len(ids) < 2:
            raise UserError(f"the training split has {len(ids)} characters, and at least 2 are needed")
        self.length = min(options.length, len(ids) - 1)
        # Two lengths a stream at the least: below that there is no state worth carrying.
        self.batch = max(1, min(options.batch, (len(ids) - 1) // (2 * self.length)))
        self.stream = (len(ids) - 1) // self.batch
        self.steps_per_epoch = max(1, (self.stream - self._slack) // self.length)
        self._ids, self._seed = np.asarray(ids), options.seed
        self._reset_share = min(1.0, self.length / options.reset_every) if options.reset_every else 0.0

    @property
    def _slack(self) -> int:
        """Characters by which an epoch's offset may vary."""
        return min(self.length, self.stream - self.length)

    def inputs_and_targets(self, epoch: int, step: int) -> tuple[np.ndarray, np.ndarray]:
        offset = int(np.random.default_rng((self._seed, epoch)).integers(self._slack + 1))
        starts = np.arange(self.batch) * self.stream + offset + step * self.length
        rows = np.stack([self._ids[start:start + self.length + 1] for start in starts]).astype(np.int32)
        return rows[:, :-1], rows[:, 1:]

    def fresh(self, epoch: int, step: int) -> np.ndarray:
        if step == 0:
            return np.ones(self.batch, bool)
        return np.random.default_rng((self._seed, epoch, step)).random(self.batch) < self._reset_share


class WindowOrder(Order):
    """Every window of ``length`` characters, stride 1, in an order drawn from (seed, epoch)."""

    def __init__(self, ids: np.ndarray, options: TrainOptions) -> None:
        self.length = options.length
        self._windows = len(ids) - options.length
        if self._windows < 1:
            raise UserError(f"the training split has {len(ids):,} characters, too few for one window of "
                            f"{options.length} and the character after it; take a longer text or a smaller --length")
        self.batch = min(options.batch, self._windows)
        self.steps_per_epoch = self._windows // self.batch
        self._ids, self._seed = np.asarray(ids), options.seed

    def inputs_and_targets(self, epoch: int, step: int) -> tuple[np.ndarray, np.ndarray]:
        starts = Shuffle(self._windows, (self._seed, epoch))[np.arange(step * self.batch, (step + 1) * self.batch)]
        rows = self._ids[starts[:, None] + np.arange(self.length + 1)].astype(np.int32)
        return rows[:, :-1], rows[:, -1:]

    def fresh(self, epoch: int, step: int) -> np.ndarray:
        return np.ones(self.batch, bool)


def order_of(ids: np.ndarray, options: TrainOptions) -> Order:
    """Return the order that ``options.objective`` asks for."""
    return StreamOrder(ids, options) if options.objective == "next" else WindowOrder(ids, options)
