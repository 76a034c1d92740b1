"""Over many held-out dates: whether a translator attends to what counts, and how often it would by chance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.attention.dates import WrittenDate
from probe.attention.truth.agreement import COUNTS, rank_agreement, top_agreement
from probe.attention.truth.estimate import Estimate, Resampling
from probe.attention.truth.hiding import Looked, look
from probe.attention.truth.parts import PARTS, TELLING, parts_of
from probe.progress import progress_bar
from probe.render.table import table
from probe.render.wrapping import wrapped

if TYPE_CHECKING:
    from probe.attention.translator.translator import Translator

# Texts looked at between two movements of the bar.
PORTION = 50
HEADERS = ("characters put out", "number", "rank ρ", "95 %", "ρ by place", "most = most", "95 %", "by place",
           "shuffled", "on what counts", "of the text")
READING = (
    "rank ρ: Spearman's rank correlation, over the characters of a text, of the attention for one character put out "
    "with what hiding costs it; shuffled attention has 0",
    "most = most: how often the character attended to most is the one whose hiding costs most",
    "by place: the same with the attention of another text of the same length, for the same place of the output: what "
    "knowing where things usually stand is worth; shuffled: one divided by the length of the text",
    f"on what counts: share of attention on characters whose hiding costs at least {COUNTS} nats, where there are any; "
    "of the text: their share of its characters, which attention to everything alike would have",
    "95 %: intervals from drawing the dates anew",
)


@dataclass(frozen=True)
class TrueMaps:
    """How far attention and what hiding does agree, for one kind of output characters.

    Attributes:
        name: which characters of the outputs.
        rank: Spearman's ρ of attention and of what hiding costs.
        rank_by_place: the same with attention of another text of the same length.
        top: how often the most attended character is the one whose hiding costs most.
        top_by_place: the same with attention of another text of the same length.
        top_shuffled: the same with attention at shuffled places, as it is expected.
        on_counting: share of attention on characters that count, where there are any.
        counting: share of the text's characters that count, where there are any.
    """

    name: str
    rank: Estimate
    rank_by_place: Estimate
    top: Estimate
    top_by_place: Estimate
    top_shuffled: Estimate
    on_counting: Estimate
    counting: Estimate

    @property
    def row(self) -> tuple[object, ...]:
        """Under :data:`HEADERS`."""
        return (self.name, self.rank.count, self.rank.mean, self.rank.interval, self.rank_by_place.mean, self.top.mean,
                self.top.interval, self.top_by_place.mean, self.top_shuffled.mean, self.on_counting.mean,
                self.counting.mean)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"name": self.name, **{each.name: getattr(self, each.name).to_json() for each in fields(self)[1:]}}


@dataclass(frozen=True)
class TrueMapsTable:
    """The agreement of attention with what hiding does, over the outputs of a network for a test set.

    Attributes:
        texts: for which anything was put out, and that were looked at.
        dates: different dates among them.
        rows: kinds of characters, all digits first.
    """

    texts: int
    dates: int
    rows: tuple[TrueMaps, ...]

    def __getitem__(self, name: str) -> TrueMaps:
        """Return the row of this name."""
        return {each.name: each for each in self.rows}[name]

    @property
    def caption(self) -> str:
        """On what it was measured."""
        return (f"attention beside what hiding a character costs: {self.texts:,} texts of {self.dates:,} dates, as the "
                "network itself translates them")

    def to_terminal(self, width: int | None = None) -> str:
        """Return the table; see :func:`probe.render.table`."""
        lines = table(HEADERS, [each.row for each in self.rows], width)
        notes = READING if width is None else [line for note in READING for line in wrapped(note, width)]
        return "\n".join([self.caption, lines, *notes])

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"texts": self.texts, "dates": self.dates, "counts_from_nats": COUNTS,
                "rows": [each.to_json() for each in self.rows]}


def true_maps(translator: "Translator", texts: Sequence[WrittenDate], outputs: Sequence[str], seed: int = 0,
              show: bool = False) -> TrueMapsTable:
    """Compare attention with what hiding does, over texts as a network translates them.

    Args:
        translator: who is asked.
        texts: that hold a date.
        outputs: what the network itself puts out for each. Where that is nothing, the text is left out.
        seed: of the resampling.
        show: whether to show progress.
    """
    chosen = [(text, output) for text, output in zip(texts, outputs, strict=True) if output and text.text]
    looked: list[Looked] = []
    with progress_bar(len(chosen), "maps", " texts", show=show) as bar:
        for first in range(0, len(chosen), PORTION):
            portion = chosen[first:first + PORTION]
            looked += look(translator, [text.text for text, _ in portion], [output for _, output in portion])
            bar.update(len(portion))
    return compare(chosen, looked, seed)


def compare(chosen: Sequence[tuple[WrittenDate, str]], looked: Sequence[Looked], seed: int = 0) -> TrueMapsTable:
    """Compare what was attended to with what hiding did; see :func:`true_maps`.

    Args:
        chosen: texts, each with its output.
        looked: of each.
        seed: of the resampling.
    """
    others = list(_others([text.text for text, _ in chosen]))
    columns = [_cells(each, None if other is None else looked[other].weights)
               for each, other in zip(looked, others, strict=True)]
    rank, rank_place, top, top_place, shuffled, on_counting, counting = (
        np.concatenate([np.zeros(0), *(column[place] for column in columns)]) for place in range(7))
    lengths = [len(output) + 1 for _, output in chosen]
    parts = np.array([part for _, output in chosen for part in parts_of(output)], "U8")
    resampling = Resampling(np.repeat([text.iso for text, _ in chosen], lengths), seed)
    right = np.repeat(np.array([text.iso == output for text, output in chosen], bool), lengths)
    telling, counts = np.isin(parts, TELLING), ~np.isnan(counting)
    kinds = {"digits": telling, "digits for which something counts": telling & counts,
             "digits of wrong outputs": telling & ~right, **{part: parts == part for part in PARTS}}
    values = (rank, rank_place, top, top_place, shuffled, on_counting, counting)
    rows = tuple(TrueMaps(name, *(resampling.mean(each, among) for each in values)) for name, among in kinds.items())
    return TrueMapsTable(len(chosen), len({text.iso for text, _ in chosen}), rows)


def _cells(looked: Looked, others: np.ndarray | None) -> tuple[np.ndarray, ...]:
    """For each character of one output, seven numbers in the order of :class:`TrueMaps`; NaN where there is none."""
    weights, effects = looked.weights, looked.effects
    steps, width = weights.shape
    rank, top = rank_agreement(weights, effects), top_agreement(weights, effects)
    rank_place = top_place = np.full(steps, np.nan)
    if others is not None and len(others) == steps:
        rank_place, top_place = rank_agreement(others, effects), top_agreement(others, effects)
    counting = effects <= -COUNTS
    some = counting.any(axis=1)
    return (rank, rank_place, top, top_place, np.where(np.isnan(top), np.nan, 1 / width),
            np.where(some, (weights * counting).sum(axis=1), np.nan), np.where(some, counting.mean(axis=1), np.nan))


def _others(texts: Sequence[str]) -> Iterator[int | None]:
    """Yield for each text the place of the next one that has the same length and is another; None if there is none."""
    alike: dict[int, list[int]] = {}
    for place, text in enumerate(texts):
        alike.setdefault(len(text), []).append(place)
    for place, text in enumerate(texts):
        places = alike[len(text)]
        at = places.index(place)
        yield next((other for other in places[at + 1:] + places[:at] if texts[other] != text), None)
