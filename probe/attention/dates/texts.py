"""The texts that a date translator learns from and is tested on: endless, and the same for the same key."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from string import ascii_letters, digits

import numpy as np

from probe.attention.dates.days import SPLITS, TRAIN, days_of
from probe.attention.dates.form import Form, forms_of
from probe.attention.dates.options import DateOptions
from probe.attention.dates.reading import reader_of
from probe.attention.dates.without import WithoutDate
from probe.attention.dates.written import WrittenDate
from probe.errors import UserError

# Numbers drawn for each text: whether it holds a date, its form, its day, and what stands in place of a date.
_NUMBERS = 4
# What texts without a date may always hold.
_ALWAYS = ascii_letters + digits + " /.-,"


class DateTexts:
    """Written dates, drawn at random.

    Days are divided among the splits, so that no date of validation or test was ever trained on in any form.

    Args:
        options: which dates are written, and how.
    """

    def __init__(self, options: DateOptions) -> None:
        self.options = options
        self._days = days_of(options)

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """All forms and how likely each is."""
        return forms_of(self.options)

    @cached_property
    def characters(self) -> str:
        """All characters that can occur, in dates and in texts without one, sorted."""
        in_dates = "".join(text for texts in self._tables.values() for text in texts)
        return "".join(sorted({*_ALWAYS, *in_dates}))

    @cached_property
    def longest(self) -> int:
        """Characters of the longest text that the forms could write; none that is drawn has more."""
        lengths = {written: max(map(len, texts)) for written, texts in self._tables.items()}
        return max(sum(lengths[piece.written] for piece in form.pieces) for form in self.forms)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that the forms write, in hex: another version of Babel may write the same dates in another
        way."""
        found = hashlib.sha256()
        for form in self.forms:
            found.update(repr((form.locale, form.style, form.case, form.weight)).encode())
            for piece in form.pieces:
                found.update(self._digests[piece.written] + bytes([piece.part]))
        return found.hexdigest()

    def count_of(self, split: str) -> int:
        """Return the number of days of a split."""
        return len(self._numbers_of(split))

    def draw(self, split: str, key: tuple[int, ...], count: int) -> list[WrittenDate]:
        """Return ``count`` texts: a pure function of the options, the split and the key.

        The k-th text does not depend on ``count``. For training, the share ``no_date`` of them holds no date.

        Args:
            split: ``train``, ``validation`` or ``test``.
            key: whole numbers, for example (seed, step).
            count: how many.

        Raises:
            UserError: the split is unknown, or has no day.
        """
        without = self.options.no_date if split == TRAIN else 0.0
        return self._drawn(split, key, count, without)

    def draw_without(self, split: str, key: tuple[int, ...], count: int) -> list[WrittenDate]:
        """Return ``count`` texts that hold no date; else as :meth:`draw`. Spoiled dates are of days of the split."""
        return self._drawn(split, key, count, 1.0)

    def _drawn(self, split: str, key: tuple[int, ...], count: int, without: float) -> list[WrittenDate]:
        days = self._numbers_of(split)
        if not len(days):
            raise UserError(f"the years {self.options.first_year} to {self.options.last_year} have no day for {split}")
        numbers = _numbers(f"{split} {without == 1.0} {tuple(map(int, key))}", count)  # (count, 4)
        shares = (numbers >> np.uint64(11)) * 2.0**-53  # in [0, 1)
        held = (shares[:, 0] >= without).tolist()
        forms = np.searchsorted(self._bounds, shares[:, 1], "right").tolist()
        drawn = days[(shares[:, 2] * len(days)).astype(np.int64)]
        parts = self._days.parts[drawn].tolist()
        texts = []
        for holds, form, day, part, number in zip(held, forms, drawn.tolist(), parts, numbers[:, 3].tolist(),
                                                  strict=True):
            chosen, date = self.forms[form], self._days.dates[day]
            if holds:
                text, fields = chosen.text_and_fields(part)
                texts.append(WrittenDate(text, date, chosen.locale, chosen.style, chosen.case, fields))
            else:
                texts.append(self._without.text(number, chosen, date, self.options.first_year))
        return texts

    def _numbers_of(self, split: str) -> np.ndarray:
        if split not in SPLITS:
            raise UserError(f"a split is one of {', '.join(SPLITS)}; received {split!r}")
        return self._days.of_split[split]

    @cached_property
    def _bounds(self) -> np.ndarray:
        """Where in [0, 1) each form ends; the last ends at infinity, whatever rounding did."""
        bounds = np.array(list(accumulate(form.weight for form in self.forms)))
        bounds[-1] = np.inf
        return bounds

    @cached_property
    def _tables(self) -> dict[tuple[str, ...], Sequence[str]]:
        """Of each table of texts in any form, the texts that dates have."""
        pieces = {piece.written: piece for form in self.forms for piece in form.pieces}
        return {written: tuple(piece.in_calendar().values()) for written, piece in pieces.items()}

    @cached_property
    def _digests(self) -> dict[tuple[str, ...], bytes]:
        """SHA-256 of each table of texts in any form."""
        return {written: hashlib.sha256(repr(written).encode()).digest() for written in self._tables}

    @cached_property
    def _without(self) -> WithoutDate:
        return WithoutDate(reader_of(self.options), self.characters, self.longest)


def _numbers(name: str, count: int) -> np.ndarray:
    """Return (count, 4) uint64, of which each row is a pure function of the name and its place."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
    return np.random.PCG64(seed).random_raw(count * _NUMBERS).reshape(count, _NUMBERS)
