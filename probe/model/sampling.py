"""A network that writes: character by character, each drawn from what it expects after the ones before."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from probe.corpus import Vocabulary
from probe.corpus.codes import shown
from probe.errors import UserError
from probe.model.char_lstm import CharLSTM
from probe.model.drawing import Draws, SampleOptions
from probe.model.engine import tf
from probe.model.kernels.signals import signal_reader
from probe.model.run import Run

# Characters of a prompt read at once; always the same, so that the rounding is too.
LENGTH = 250

# (layer, signal) → (…, U) float32; layers are called "1", "2" and so on.
Activations = Mapping[tuple[str, str], np.ndarray]
# ids of K characters → logits (K, V) and activations (K, U) after each.
_Read = Callable[[Sequence[int]], tuple[np.ndarray, Activations]]


@dataclass(frozen=True)
class Sampled:
    """One character that a network wrote, or read of its prompt.

    Attributes:
        character: U+FFFD for the id that stands for all rare characters.
        probability: what the network gave it, before temperature and top-k, in [0, 1]; NaN for the first of a prompt.
        activations: (layer, signal) → (U,) float32, what each unit does once it has read the character.
    """

    character: str
    probability: float
    activations: Activations


class Sampler:
    """Writes with one network, whose matrices are made ready once.

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
        self._characters = vocabulary.decode(np.arange(len(vocabulary)))
        self._fused = model.kernel_name == "fused"
        self._layers = [signal_reader(layer, rows=model.entering() if self._fused and number == 0 else None,
                                      kernel=model.kernel_name) for number, layer in enumerate(model.lstm_layers)]
        self._weights, self._bias = model.dense.get_weights()

    @classmethod
    def of(cls, run: Run, checkpoint: str | int = "best", *, kernel: str = "auto") -> Self:
        """Return the sampler of a run's network; arguments and errors as of :meth:`~probe.model.Run.model`.

        ``"auto"`` is the fused kernel on a GPU too: a single stream gives it nothing to do.
        """
        window = run.training["length"] if run.training["objective"] == "last" else None
        model = run.model(checkpoint, kernel="fused" if kernel == "auto" else kernel)
        return cls(model, run.corpus.vocabulary, window=window)

    def sample(self, prompt: str, options: SampleOptions = SampleOptions(), *, signals: Sequence[str] = ("hidden",),
               echo: bool = False) -> Iterator[Sampled]:
        """Yield the characters that come after ``prompt``, one by one, without end if ``options.length`` is 0.

        Args:
            prompt: at least one character; in a window at most its last characters count.
            options: how to draw. The kernel is the model's own.
            signals: what is told of each unit.
            echo: whether the characters of the prompt come first. Those of a network of windows come with the
                activations after the window that ends with them, the first ones after a shorter one.

        Raises:
            UserError: the prompt is empty, or holds characters that the network does not know.
        """
        return self._passed(self._encoded(prompt), options, signals, echo)

    def _passed(self, ids: list[int], options: SampleOptions, signals: Sequence[str], echo: bool) -> Iterator[Sampled]:
        read, draws = (self._streaming if self._window is None else self._windowed)(signals), Draws(options)
        if self._window is not None and not echo:
            ids = ids[-self._window:]
        expected, size = np.full(len(self._vocabulary), np.nan), self._window or LENGTH
        for piece in (ids[start:start + size] for start in range(0, len(ids), size)):
            logits, activations = read(piece)
            if echo:
                for place, known in enumerate(piece):
                    yield self._sampled(known, logits[place - 1] if place else expected, activations, place)
            expected = logits[-1]
        written = 0
        while not options.length or written < options.length:
            drawn = draws.next(expected)
            logits, activations = read([drawn])
            yield self._sampled(drawn, expected, activations, 0)
            expected = logits[-1]
            written += 1

    def _streaming(self, signals: Sequence[str]) -> _Read:
        states = self._zero()

        def read(ids: Sequence[int]) -> tuple[np.ndarray, Activations]:
            nonlocal states
            logits, activations, states = self._reading(ids, states, signals)
            return logits, activations

        return read

    def _windowed(self, signals: Sequence[str]) -> _Read:
        window: deque[int] = deque(maxlen=self._window)

        def last(number: int) -> tuple[np.ndarray, Activations]:
            logits, activations, _ = self._reading(window, self._zero(), signals)
            return logits[-number:], {source: rows[-number:] for source, rows in activations.items()}

        def read(ids: Sequence[int]) -> tuple[np.ndarray, Activations]:
            if len(window) + len(ids) <= (self._window or 0):  # one window holds them all, and begins where each begins
                window.extend(ids)
                return last(len(ids))
            rows = []
            for each in ids:
                window.append(each)
                rows.append(last(1))
            return (np.concatenate([logits for logits, _ in rows]),
                    {source: np.concatenate([row[source] for _, row in rows]) for source in rows[0][1]})

        return read

    def _reading(self, ids: Sequence[int], states: list[tuple[np.ndarray, np.ndarray]], signals: Sequence[str],
                 ) -> tuple[np.ndarray, Activations, list[tuple[np.ndarray, np.ndarray]]]:
        """Logits (K, V) and activations (K, U) after each of K ids, and the states after the last."""
        column = np.array([*ids], np.int32)[:, np.newaxis]
        x = column if self._fused else np.asarray(self._model.entered(tf.constant(column)))
        activations: dict[tuple[str, str], np.ndarray] = {}
        after = []
        for number, (layer, (h, c)) in enumerate(zip(self._layers, states, strict=True), start=1):
            told, h, c = layer(x, h, c, signals)
            x = told["hidden"]
            activations |= {(str(number), name): told[name][:, 0] for name in signals}
            after.append((h, c))
        return x[:, 0] @ self._weights + self._bias, activations, after

    def _sampled(self, known: int, expected: np.ndarray, activations: Activations, place: int) -> Sampled:
        return Sampled(self._characters[known], float(_softmax(expected)[known]),
                       {source: rows[place].copy() for source, rows in activations.items()})

    def _zero(self) -> list[tuple[np.ndarray, np.ndarray]]:
        zero = np.zeros((1, self._model.options.units), np.float32)
        return [(zero, zero)] * len(self._layers)

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
