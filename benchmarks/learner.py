"""A network that learns a text for a time, whatever computes it."""

import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from workload import Workload

from probe.corpus import Corpus
from probe.train.order import order_of
from probe.train.presets import Preset
from probe.train.schedule import learning_rate

# Updates before the clock starts: they compile, and fill the caches.
UNCOUNTED = 3
# The validation split is read in so many stretches side by side, each from the zero state, LENGTH characters a call.
STREAMS, SHORTEST, LENGTH = 64, 1000, 250


class Learner:
    """One training. Only what an update takes is counted: from reading its characters to knowing its loss.

    Args:
        kind: the network's class, as ``"module:class"``; see :class:`workload.Network`. Beside ``update`` it has
            ``zero_states(streams)`` and ``read(ids, targets, states)`` → (summed loss in nats, states).
        text: a text file; None for the embedded corpus.
        recipe: the reading of the text, the network, and its training, with ``minutes`` as the one budget.
        threads: that it computes with.
    """

    def __init__(self, kind: str, text: Path | None, recipe: Preset, threads: int) -> None:
        self._options = recipe.training
        corpus = Corpus.embedded(recipe.corpus) if text is None else Corpus.read(text, recipe.corpus)
        train, validation = corpus.splits.train, corpus.splits.validation
        self._order = order_of(corpus.ids[train.start:train.stop], self._options)
        self._held_out = corpus.ids[validation.start:validation.stop]
        work = Workload(recipe.model, len(corpus.vocabulary), self._order.batch, self._order.length)
        module, name = kind.split(":")
        self._network: Any = getattr(import_module(module), name)(
            work, self._options.precision, threads, self._options.clip, self._options.seed)
        self._updates, self._seconds = 0, 0.0

    def weights(self) -> list[np.ndarray]:
        """Return the network's weights in Keras' layout."""
        return self._network.weights()

    def begin_from(self, weights: list[np.ndarray]) -> None:
        """Take weights in Keras' layout."""
        self._network.begin_from(weights)

    def train(self, seconds: float) -> float:
        """Train for at least so many counted seconds, or to the end of the budget; return the seconds that are left."""
        while self._updates < UNCOUNTED:
            self._update()
        budget = 60 * self._options.minutes
        stop = min(budget, self._seconds + seconds)
        while self._seconds < stop:
            began = time.perf_counter()
            self._update()
            self._seconds += time.perf_counter() - began
        return budget - self._seconds

    def result(self) -> dict[str, float]:
        """Return the updates made, characters a second of counted time, and the loss on the validation split in nats.

        Every character of the split but the first, and the last few that do not fill all stretches, is predicted.
        """
        ids = self._held_out
        count = max(1, min(STREAMS, len(ids) // SHORTEST))
        stretch = (len(ids) - 1) // count
        starts, states, total = np.arange(count)[:, np.newaxis] * stretch, self._network.zero_states(count), 0.0
        for offset in range(0, stretch, LENGTH):
            rows = ids[starts + offset + np.arange(min(LENGTH, stretch - offset) + 1)].astype(np.int32)
            summed, states = self._network.read(rows[:, :-1], rows[:, 1:], states)
            total += summed
        read = (self._updates - UNCOUNTED) * self._order.characters
        return {"updates": self._updates, "characters_per_second": read / self._seconds,
                "predicted": count * stretch, "nats": total / (count * stretch)}

    def _update(self) -> None:
        epoch, step = divmod(self._updates, self._order.steps_per_epoch)
        carried = (~self._order.fresh(epoch, step)).astype(np.float32)
        ids, targets = self._order.inputs_and_targets(epoch, step)
        done = self._seconds / (60 * self._options.minutes)
        self._network.update(ids, targets, carried, learning_rate(self._options, done, self._updates))
        self._updates += 1
