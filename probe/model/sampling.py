"""A network that writes: character by character, each drawn from what it expects after the ones before."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from probe.corpus import Vocabulary
from probe.corpus.codes import shown
from probe.errors import UserError
from probe.model.char_lstm import CharLSTM, stacked_states, unstacked_states
from probe.model.drawing import Draws, SampleOptions
from probe.model.engine import tf
from probe.model.run import Run

# Characters of a prompt read at once; always the same, so that the rounding is too.
LENGTH = 250


@dataclass(frozen=True)
class Sampled:
    """One character that a network wrote.

    Attributes:
        character: U+FFFD for the id that stands for all rare characters.
        probability: what the network gave it, before temperature and top-k, in [0, 1].
        hidden: (L, U) float32, h of every unit of each layer once it has read the character.
    """

    character: str
    probability: float
    hidden: np.ndarray


class Sampler:
    """Writes with one network, compiled once.

    What is written is a pure function of (weights, prompt, options). A network of streams reads the prompt from the
    zero state and carries its state on. One that was trained on windows knows nothing but windows from the zero state,
    so the last ``window`` characters are read anew for each character, which is slower.

    Args:
        model: the network.
        vocabulary: its characters.
        window: characters of a window; None for a network of streams.
    """

    def __init__(self, model: CharLSTM, vocabulary: Vocabulary, *, window: int | None = None) -> None:
        self._model, self._vocabulary, self._window = model, vocabulary, window
        states = tf.TensorSpec((model.options.layers, 2, 1, model.options.units), tf.float32)

        @tf.function(input_signature=(tf.TensorSpec((1, None), tf.int32), states), autograph=False)
        def read(ids: tf.Tensor, states: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            reading = model.read(ids, unstacked_states(states))
            return model.logits(reading.features[-1])[0], stacked_states(reading.states)

        self._read = read.get_concrete_function()  # spares the dispatch, which costs as much as a small step

    @classmethod
    def of(cls, run: Run, checkpoint: str | int = "best", *, kernel: str = "auto") -> Self:
        """Return the sampler of a run's network; arguments and errors as of :meth:`~probe.model.Run.model`."""
        window = run.training["length"] if run.training["objective"] == "last" else None
        return cls(run.model(checkpoint, kernel=kernel), run.corpus.vocabulary, window=window)

    def sample(self, prompt: str, options: SampleOptions = SampleOptions()) -> Iterator[Sampled]:
        """Yield the characters that come after ``prompt``, one by one, without end if ``options.length`` is 0.

        Args:
            prompt: at least one character; in a window at most its last characters count.
            options: how to draw. The kernel is the model's own.

        Raises:
            UserError: the prompt is empty, or holds characters that the network does not know.
        """
        ids = self._encoded(prompt)
        return self._written(ids, options)

    def _written(self, ids: list[int], options: SampleOptions) -> Iterator[Sampled]:
        draws, window = Draws(options), deque(ids, self._window)
        logits, states = self._reading(window, self._zero())
        written = 0
        while not options.length or written < options.length:
            drawn = draws.next(logits)
            probability = _softmax(logits)[drawn]
            if self._window is None:
                logits, states = self._reading([drawn], states)
            else:
                window.append(drawn)
                logits, states = self._reading(window, self._zero())
            yield Sampled(self._vocabulary.decode(np.array([drawn])), float(probability), states.numpy()[:, 0, 0])
            written += 1

    def _reading(self, ids: "deque[int] | list[int]", states: tf.Tensor) -> tuple[np.ndarray, tf.Tensor]:
        """Logits (V,) after ``ids``, and the states (L, 2, 1, U)."""
        rows = np.array([list(ids)], np.int32)
        for start in range(0, rows.shape[1], LENGTH):
            logits, states = self._read(tf.constant(rows[:, start:start + LENGTH]), states)
        return logits.numpy(), states

    def _zero(self) -> tf.Tensor:
        return stacked_states(self._model.initial_states(1))

    def _encoded(self, prompt: str) -> list[int]:
        if not prompt:
            raise UserError("--prompt must hold at least one character; received an empty one")
        known = set(self._vocabulary.characters)
        strange = [shown(ord(character)) for character in dict.fromkeys(prompt) if character not in known]
        if strange and not self._vocabulary.unknown:
            raise UserError(f"--prompt holds {', '.join(strange)}, which the network never read; it knows {len(known)} "
                            f"characters, among them {_some(self._vocabulary)}")
        return [int(each) for each in self._vocabulary.encode(prompt)]


def _some(vocabulary: Vocabulary) -> str:
    return "".join(character for character in vocabulary.characters if character.isalnum())[:60] or "no letter"


def _softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits.astype(np.float64) - logits.max())
    return np.asarray(weights / weights.sum(), np.float64)
