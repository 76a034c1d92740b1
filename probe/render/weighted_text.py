"""Weighted text: tokens of a text, each with a signed number that speaks for something or against it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from probe.render.graphemes import clusters, visible
from probe.render.palette import FOR_AGAINST, Palette
from probe.render.shown import Shown
from probe.render.signs import name_of
from probe.render.weighted_table import first_words, written

# Below this scale three decimals would hide the weights.
SMALL = 0.01
# The value of a head that says by itself what it is.
PROBABILITY = "probability"
# The kind of a token that only fills up.
PAD = "pad"
# What tokens without a place are called.
BESIDE = "read beside the text (added by the tokenizer, or not found in it)"


@dataclass(frozen=True)
class WeightedCell:
    """Characters [start, stop) that are drawn as one, and what they wear.

    Attributes:
        start, stop: whole clusters of the text.
        weight: of its token; of several tokens that share a cluster, the strongest.
        title: what hovering says: every token with its weight.
    """

    start: int
    stop: int
    weight: float
    title: str


@dataclass(frozen=True, eq=False)
class WeightedText:
    """What is seen of a text with weighted tokens, whatever the medium.

    Attributes:
        text: N characters.
        names: S tokens as they were read.
        offsets: (S, 2) int64, where each stands; an empty range for those that stand nowhere. Starts ascend, and so do
            stops, among those that stand somewhere.
        weights: (S,) float64, finite.
        kinds: what each token is if it is no part of the text, such as :data:`PAD`; else nothing.
        scale: the magnitude, above 0, that gets the full colour.
        head: names and values that the caption says: what was asked, and its score.
        method: whose weights these are.
        facts: more names and values that belong to this text.
        notes: what the reader must know.
        palette: its first colour is against, its last one for.
        verdict: what the caption adds, such as whether the classifier was right.
        warning: why the weights are not to be trusted, or nothing.
        law: that the method keeps, or nothing.
    """

    text: str
    names: tuple[str, ...]
    offsets: np.ndarray
    weights: np.ndarray
    kinds: tuple[str, ...]
    scale: float
    head: tuple[tuple[str, object], ...]
    method: str
    facts: tuple[tuple[str, object], ...] = ()
    notes: tuple[str, ...] = ()
    palette: Palette = FOR_AGAINST
    verdict: str = ""
    warning: str = ""
    law: str = ""

    @property
    def caption(self) -> str:
        """What was asked, how probable it is, its score, and whether that is right."""
        (_, asked), *scores = self.head
        words = ", ".join(written([value])[0] if name == PROBABILITY or str(asked).startswith(name)
                          else f"{name} {written([value])[0]}" for name, value in scores)
        return f"{asked}: {words}{f'; {self.verdict}' if self.verdict else ''}"

    @property
    def heading(self) -> str:
        """The caption and the method."""
        return f"{self.caption}; {self.method}"

    @property
    def fact_words(self) -> str:
        """The facts in a line."""
        return "; ".join(f"{name} {written([value])[0]}" for name, value in self.facts)

    @property
    def last_notes(self) -> tuple[str, ...]:
        """The law and the notes, where they stand below the text."""
        return (*([f"law that it keeps: {self.law}"] if self.law else []), *self.notes)

    def strongest(self, most: int) -> list[tuple[str, list[WeightedCell]]]:
        """Return the strongest cells for and against, at most ``most`` of each, the strongest first."""
        weights = np.array([each.weight for each in self.cells])
        order = np.argsort(-np.abs(weights), kind="stable")
        return [(kind, [self.cells[place] for place in chosen[:most].tolist()])
                for kind, chosen in (("for", order[weights[order] > 0]), ("against", order[weights[order] < 0]))]

    @cached_property
    def cells(self) -> tuple[WeightedCell, ...]:
        """The tokens that stand in the text, as what is drawn: a cluster is never cut."""
        ranges = np.array(clusters(self.text) if self.text else [], np.int64).reshape(-1, 2)
        cluster_of = np.repeat(np.arange(len(ranges)), ranges[:, 1] - ranges[:, 0])
        groups: list[tuple[int, int, list[int]]] = []  # first cluster, the one behind the last, tokens
        for token, (start, stop) in enumerate(self.offsets.tolist()):
            if stop <= start:
                continue
            first, behind = int(cluster_of[start]), int(cluster_of[stop - 1]) + 1
            if groups and first < groups[-1][1]:
                groups[-1] = groups[-1][0], behind, [*groups[-1][2], token]
            else:
                groups.append((first, behind, [token]))
        return tuple(self._cell(int(ranges[first, 0]), int(ranges[behind - 1, 1]), tokens)
                     for first, behind, tokens in groups)

    @property
    def aside(self) -> list[tuple[str, str, float, str]]:
        """Tokens that stand nowhere in the text: name, kind, weight, and what hovering says."""
        return [(self.names[token], self.kinds[token], float(self.weights[token]), self._title(token, ""))
                for token in np.flatnonzero(self.offsets[:, 1] <= self.offsets[:, 0]).tolist()]

    @property
    def laid(self) -> np.ndarray:
        """(N,) float64: each character's weight, 0 between tokens; all of a cluster have one."""
        laid = np.zeros(len(self.text))
        for each in self.cells:
            laid[each.start:each.stop] = each.weight
        return laid

    def steps(self, weights: np.ndarray) -> np.ndarray:
        """Return the index (N,) uint8 of each weight's colour, the middle one for 0."""
        return self.palette.indices(0.5 + weights / (2 * self.scale))

    @property
    def shown(self) -> Shown:
        """The same as characters with colours, those against it underlined."""
        laid = self.laid
        colours = f"{self.palette.last}: for; {self.palette.first} and underlined: against"
        return Shown(self.text, laid, 0.5 + laid / (2 * self.scale), self.palette, self.heading,
                     tuple(filter(None, (self.warning, self.fact_words, colours,
                                         *(note.rstrip(".") for note in self.last_notes)))),
                     self.steps(laid) < self.palette.steps // 2, ends=self.ends)

    @property
    def ends(self) -> tuple[str, str]:
        """What stands beside the first and the last colour of the ramp."""
        return f"against {self.words_of(-self.scale)}", f"{self.words_of(self.scale)} for"

    def words_of(self, weight: float) -> str:
        """Return a weight with its sign: three decimals, or as many digits where the scale is small."""
        words = f"{weight:+.3f}" if self.scale >= SMALL else f"{weight:+.2e}"
        return words.replace("-", "−") if float(words) else words.lstrip("+-")

    def _cell(self, start: int, stop: int, tokens: list[int]) -> WeightedCell:
        strongest = max(tokens, key=lambda token: abs(self.weights[token]))
        titles = [self._title(token, self.text[slice(*self.offsets[token])]) for token in tokens]
        return WeightedCell(start, stop, float(self.weights[strongest]), "; ".join(titles))

    def _title(self, token: int, written: str) -> str:
        name, kind = self.names[token], self.kinds[token]
        words = name_of(name) if len(name) == 1 else visible(name)
        if written and written.casefold() != name.casefold():
            words = f"{visible(written)}, read as {words}"
        return f"{words}{f' ({visible(kind)})' if kind else ''}: {self.words_of(self.weights[token])}"


def shared_notes(texts: tuple[WeightedText, ...]) -> tuple[str, ...]:
    """Return the notes that all texts have, in their order."""
    return tuple(note for note in texts[0].last_notes if all(note in text.last_notes for text in texts))


def table_of(texts: tuple[WeightedText, ...]) -> tuple[list[str], list[list[object]]]:
    """Return head and facts of texts as headers and rows, a row a text; what one lacks is None.

    Where there is more than one text, number and first words tell which is meant.
    """
    several = len({text.text for text in texts}) > 1 or _alike(texts)
    facts = [dict(((("text", f"{number}. {first_words(text.text)}"),) if several else ()) + text.head + text.facts)
             for number, text in enumerate(texts, 1)]
    headers = list(dict.fromkeys(name for each in facts for name in each))
    return headers, [[each.get(name) for name in headers] for each in facts]


def captions_of(texts: tuple[WeightedText, ...]) -> list[str]:
    """Return what stands above each text: with its method if there are several, numbered if they are alike."""
    one_method = len(texts) > 1 and len({text.method for text in texts}) == 1
    captions = [text.caption if one_method else text.heading for text in texts]
    if len({text.text for text in texts}) == 1 and not _alike(texts):
        return captions
    return [f"{number}. {caption}" for number, caption in enumerate(captions, 1)]


def _alike(texts: tuple[WeightedText, ...]) -> bool:
    """Whether captions alone would not tell the texts apart."""
    return len({text.heading for text in texts}) < len(texts)
