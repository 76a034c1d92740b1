"""A network whose truth is known: units wired by hand, each of which knows one thing, hidden among random ones.

Gates are wired as logic: one is open where its bias and the weights of what it reads come to +½ or more, and closed
where they come to −½ or less; STEEP makes that exact to 1e-8. What a unit must know of the character before, it reads
from the hidden states of helpers, units that are on after certain characters. Nothing else reads a unit that was wired.
"""

import math
import random
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from probe.activations import Extraction, ExtractOptions
from probe.corpus import Corpus, CorpusOptions, Segment, Vocabulary
from probe.model import ModelOptions, Run
from probe.model.checkpoint import Checkpoint
from probe.model.variation import initial_weights

STEEP = 40.0
# h of a helper that is on: its cell is 1, its output gate open.
HIGH = math.tanh(1)
# What a counting cell grows by at each step: at a hundred, tanh has bent the hidden state.
STEP = 0.02

INPUT, FORGET, CANDIDATE, OUTPUT = range(4)


@dataclass(frozen=True)
class Planted:
    """Where a pattern is known: ``signal`` and ``unit`` of layer 1, and the ``sign`` of their correlation."""

    signal: str
    unit: int
    sign: int


PLANTED: Mapping[str, Planted] = {
    "inside_quotes": Planted("hidden", 17, 1), "word_start": Planted("hidden", 3, 1), "column": Planted("cell", 58, 1),
    "bracket_depth": Planted("cell", 41, -1), "position_in_sentence": Planted("cell", 29, 1)}
# Of the helpers: in a word or not (±1), and whether the character before was a line break or an opening bracket, and
# whether a sentence has ended.
WORD, BREAK, BRACKET, ENDED = 11, 23, 37, 50
# Fewer units do not hold them all.
FEWEST = 64
# A stream that begins inside brackets is wrong until the paragraph ends: most end sooner than the overlap.
OPTIONS = ExtractOptions(signals="hidden,cell", overlap=1000)


def hand_wired(vocabulary: Vocabulary, units: int = 256, seed: int = 0) -> dict[str, np.ndarray]:
    """Return weights of a network of one layer: those with which a training begins, some units wired over them.

    Units that count keep the output gate that was drawn for them, so that their cell knows more than what they show.

    Args:
        vocabulary: the characters.
        units: U, at least 64.
        seed: of the random weights.
    """
    wiring = _Wiring(vocabulary, initial_weights(ModelOptions(units=units), len(vocabulary), seed))
    letter, capital, stop, line = str.isalnum, str.isupper, ".!?".__contains__, "\n".__contains__
    opening, closing = "([{".__contains__, ")]}".__contains__
    paragraph = {"reads": [(line, -1)], "after": [(BREAK, -1)]}

    wiring.unit(WORD)
    wiring.gate(WORD, CANDIDATE, -1, [(letter, 2)])
    wiring.helper(BREAK, line)
    wiring.helper(BRACKET, opening)
    wiring.unit(ENDED)
    wiring.gate(ENDED, INPUT, -1.5, [(stop, 2), (line, 1)], [(BREAK, 1)])
    wiring.gate(ENDED, FORGET, 1.5, [(letter, -2), (stop, -2), (line, -1)], [(BREAK, -1)])

    quotes = PLANTED["inside_quotes"].unit
    wiring.unit(quotes)
    wiring.gate(quotes, INPUT, -0.5, [("“".__contains__, 1)])
    wiring.gate(quotes, FORGET, 1.5, [("“”".__contains__, -2), *paragraph["reads"]], paragraph["after"])
    wiring.gate(quotes, OUTPUT, 1, [("“".__contains__, -2)])

    first = {"base": -1.5, "reads": [(letter, 2)], "after": [(WORD, -1)]}
    start = PLANTED["word_start"].unit
    wiring.unit(start)
    wiring.gate(start, CANDIDATE, -1, [(letter, 2)])
    wiring.gate(start, OUTPUT, **first)

    column = PLANTED["column"].unit
    wiring.unit(column, output=False)
    wiring.gate(column, FORGET, 0.5, after=[(BREAK, -1)])
    wiring.gate(column, CANDIDATE, math.atanh(STEP) / STEEP)

    words = PLANTED["position_in_sentence"].unit
    wiring.unit(words, output=False)
    wiring.gate(words, INPUT, **first)
    wiring.gate(words, FORGET, 1.5, [(capital, -1)], [(ENDED, -1)])
    wiring.gate(words, CANDIDATE, math.atanh(STEP) / STEEP)

    depth = PLANTED["bracket_depth"].unit
    wiring.unit(depth, output=False)
    wiring.gate(depth, FORGET, 1.5, **paragraph)
    wiring.gate(depth, CANDIDATE, 0, [(closing, 1)], [(BRACKET, -1)])
    return wiring.weights


class _Wiring:
    """Writes into the weights of a layer, gates in the order i, f, g, o."""

    def __init__(self, vocabulary: Vocabulary, weights: Mapping[str, np.ndarray]) -> None:
        self._characters = vocabulary.characters
        self.weights = {name: array.copy() for name, array in weights.items()}
        self._kernel, self._recurrent, self._bias = (
            self.weights[f"lstm_1/{name}"] for name in ("kernel", "recurrent_kernel", "bias"))
        self._units = len(self._recurrent)
        if self._units < FEWEST:
            raise ValueError(f"units must be at least {FEWEST}; received {self._units}")

    def unit(self, unit: int, output: bool = True) -> None:
        """Make a unit that none reads: it takes +1 at each step, forgets it at the next, and shows it."""
        self._recurrent[unit] = 0
        for gate, base in ((INPUT, 1), (FORGET, -1), (CANDIDATE, 1), (OUTPUT, 1)):
            if output or gate != OUTPUT:
                self.gate(unit, gate, base)

    def helper(self, unit: int, characters: Callable[[str], bool]) -> None:
        """Make a unit that is on after these characters."""
        self.unit(unit)
        self.gate(unit, INPUT, -0.5, [(characters, 1)])

    def gate(self, unit: int, gate: int, base: float, reads: Iterable[tuple[Callable[[str], bool], float]] = (),
             after: Iterable[tuple[int, float]] = ()) -> None:
        """Let a gate compute ``base``, and what characters that were read and helpers that were on add to it."""
        place = gate * self._units + unit
        self._kernel[:, place], self._recurrent[:, place], self._bias[place] = 0, 0, STEEP * base
        for characters, weight in reads:
            ids = [number for number, each in enumerate(self._characters) if characters(each)]
            self._kernel[ids, place] += STEEP * weight
        for helper, weight in after:
            self._recurrent[helper, place] = STEEP * weight / HIGH


def wired_reading(corpus: Corpus, folder: Path, units: int = 256, seed: int = 0) -> tuple[Extraction, Extraction]:
    """Return what a scan takes of a wired network: its reading of the first half of a text, and of the second.

    Args:
        corpus: the text, kept in ``folder / "corpus"``.
        folder: of the run that is made.
        units, seed: as of :func:`hand_wired`.
    """
    run = Run.begin(folder, ModelOptions(units=units), {})
    checkpoint = Checkpoint(0, hand_wired(corpus.vocabulary, units, seed), {}, np.empty(0, np.float32), {})
    middle = len(corpus) // 2
    first, second = (Extraction.of(run, segment, checkpoint=checkpoint, options=OPTIONS)
                     for segment in (Segment(0, middle), Segment(middle, len(corpus))))
    return first, second


def story(characters: int, seed: int = 0) -> str:
    """Return so many characters of made-up prose, with dialogue, brackets in brackets, and lines of any width."""
    chance = random.Random(seed)
    parts: list[str] = []
    length = 0
    while length < characters:
        paragraph = " ".join(_sentence(chance) for _ in range(chance.randint(2, 6)))
        parts.append(textwrap.fill(paragraph, chance.randint(28, 76)) + "\n\n")
        length += len(parts[-1])
    return "".join(parts)[:characters]


def _sentence(chance: random.Random) -> str:
    told = _words(chance, 3, 14)
    if chance.random() < 0.3:
        inner = f" ({_words(chance, 1, 5)})" if chance.random() < 0.5 else ""
        told += f" ({_words(chance, 2, 7)}{inner} {_words(chance, 1, 4)})"
    if chance.random() < 0.55:
        ends = [*chance.choices(".!?", k=chance.randint(0, 2)), chance.choice(",!?")]
        said = " ".join(_words(chance, 2, 12).capitalize() + end for end in ends)
        return f"“{said}” said {told}."
    return f"{told.capitalize()}{chance.choice('..!?')}"


def _words(chance: random.Random, fewest: int, most: int) -> str:
    return " ".join(chance.choices(WORDS, WEIGHTS, k=chance.randint(fewest, most)))


# None is a single letter, which before a stop would be an initial.
WORDS = ("the fox and of old cat ran over deep river to bridge in that she cold because nobody it had told him where "
         "rivers end or why moon seemed nearer than before when they went out again with lanterns under their coats "
         "though wind was rising").split()
WEIGHTS = [1 / (rank + 4) for rank in range(len(WORDS))]


def wired_story(characters: int, folder: Path, units: int = 256, seed: int = 0) -> tuple[Extraction, Extraction]:
    """Return a wired network's reading of a :func:`story`, in two halves, kept in ``folder``."""
    corpus = Corpus.of(story(characters, seed), "story", CorpusOptions(), folder=folder / "corpus")
    return wired_reading(corpus, folder, units, seed)
