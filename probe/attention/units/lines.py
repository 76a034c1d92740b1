"""Texts of lines, of which each was read by itself, and what is known of their characters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np

from probe.attention.dates import DateTexts, WrittenDate
from probe.attention.translator.symbols import Symbols, target_ids
from probe.attention.units.label import Label, output_labels, source_labels
from probe.errors import UserError

# Texts are drawn until either half has its number of them, so many times at most as are asked for.
_MOST_DRAWN = 4
_ONE_SIDE = 2654435761  # Knuth's multiplier, by whose product the days of the test fall to one half or the other


@dataclass(frozen=True, eq=False)
class Lines:
    """A text, and what a network read of it.

    Attributes:
        text: the lines, with line breaks.
        documents: the ids (L,) int32 of each line as it was read.
        spans: (M, 2) the characters of each id, document after document.
        labels: what is known of the characters.
        breaks: what stands at a line break, in words.
    """

    text: str
    documents: tuple[np.ndarray, ...] = field(repr=False)
    spans: np.ndarray = field(repr=False)
    labels: tuple[Label, ...] = field(repr=False)
    breaks: str


def held_out(texts: DateTexts, seed: int, count: int) -> list[WrittenDate]:
    """Return written dates of the test's days, which training never saw, in two halves that share no day.

    So, of a text of them, what ranks units on one half is confirmed on other days by the other half.

    Args:
        texts: where they are drawn from.
        seed: of the drawing.
        count: how many.

    Raises:
        UserError: the test's days are too few to fill both halves.
    """
    drawn = texts.draw("test", (seed,), _MOST_DRAWN * count + 64)
    sides: tuple[list[WrittenDate], list[WrittenDate]] = ([], [])
    for date in drawn:
        if date.date is not None:
            sides[date.date.toordinal() * _ONE_SIDE >> 16 & 1].append(date)
    halves = sides[0][:count - count // 2], sides[1][:count // 2]
    if len(halves[0]) + len(halves[1]) < count:
        years = f"{texts.options.first_year} to {texts.options.last_year}"
        raise UserError(f"the years {years} hold {texts.count_of('test')} days for the test, too few for two halves of "
                        f"{count // 2:,} texts on different days")
    return [*halves[0], *halves[1]]


def with_no_date_between(dates: Sequence[WrittenDate], texts: DateTexts, seed: int) -> list[str]:
    """Return the texts of dates in their order, and behind each, by the toss of a coin, one that holds no date.

    If all outputs had one length, the text of them would have a beat of 11 characters, and labels that a scan rolls
    against activations would often fall in step again: what is plain to see would seem to be chance.

    Args:
        dates: as they are written.
        texts: where texts without a date are drawn from.
        seed: of the drawing.
    """
    tossed = np.random.default_rng(seed).random(len(dates)) < 0.5
    without = iter(texts.draw_without("test", (seed,), int(tossed.sum())))
    return [text for date, one_more in zip(dates, tossed, strict=True)
            for text in (date.text, *([next(without).text] if one_more else []))]


def source_lines(dates: Sequence[WrittenDate], symbols: Symbols) -> Lines:
    """Return what the encoder read: the characters of each date, and no line breaks."""
    text = "".join(f"{date.text}\n" for date in dates)
    lengths = np.array([len(date.text) for date in dates])
    starts = np.cumsum(lengths + 1) - lengths - 1
    ids = symbols.source_ids([date.text for date in dates])
    documents = tuple(row[:length] for row, length in zip(ids, lengths, strict=True))
    places = np.concatenate([start + np.arange(length) for start, length in zip(starts, lengths, strict=True)])
    return Lines(text, documents, np.column_stack([places, places + 1]), source_labels(dates, starts.tolist()),
                 "is not read: its row is that of the character before it")


def output_lines(outputs: Sequence[str]) -> Lines:
    """Return what the decoder read: in front of each output the boundary, for which a line break stands."""
    text = "".join(f"\n{output}" for output in outputs)
    starts = [0, *accumulate(len(output) + 1 for output in outputs)][:-1]
    given, _ = target_ids(outputs)
    documents = tuple(row[:len(output) + 1] for row, output in zip(given, outputs, strict=True))
    places = np.arange(len(text))
    return Lines(text, documents, np.column_stack([places, places + 1]), output_labels(outputs, starts),
                 "stands for the boundary, which the decoder reads from the zero state before it writes")
