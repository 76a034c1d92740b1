"""Texts that hold no date: words, letters, dates with a part missing, and days that no calendar has."""

import calendar
import datetime
import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

from probe.attention.dates.form import Form
from probe.attention.dates.piece import NUMBERS, REQUIRED
from probe.attention.dates.reading import Reader
from probe.attention.dates.written import WrittenDate

# In several languages; none is a part of a date.
WORDS = tuple("""hello world the quick brown fox jumps over a lazy dog invoice number total page chapter room yesterday
tomorrow today never always please call me back at home later thanks order book letter price open closed until further
notice bonjour merci demain aujourd'hui hola gracias mañana casa libro hallo danke morgen heute zug buch ciao grazie
domani obrigado amanhã tack imorgon kiitos huomenna dziękuję jutro děkuji zítra спасибо завтра книга ευχαριστώ αύριο
teşekkürler yarın köszönöm holnap תודה מחר شكرا غدا ありがとう 明日 谢谢 明天""".split())
_SHARES = {"empty": 0.02, "words": 0.15, "letters": 0.13, "numbers": 0.1, "part missing": 0.3, "impossible": 0.3}
KINDS = tuple(_SHARES)
_BOUNDS = tuple(accumulate(_SHARES.values()))
_ATTEMPTS = 4


class WithoutDate:
    """Makes texts that hold no date, each a pure function of one number.

    Args:
        reader: knows every date that the forms write; no text made here is one.
        characters: of which letters are drawn.
        longest: most characters of a text.
    """

    def __init__(self, reader: Reader, characters: str, longest: int) -> None:
        self._reader, self._letters, self._longest = reader, characters, longest
        self._characters = frozenset(characters)
        self._words = tuple(word for word in WORDS if self._characters.issuperset(word))

    def text(self, number: int, form: Form, date: datetime.date, first_year: int) -> WrittenDate:
        """Return the text of a number.

        Args:
            number: decides what is written.
            form, date: what is spoiled, where a text is a spoiled date.
            first_year: of the years that ``form`` can write.
        """
        drawn = _Draws(number)
        for _ in range(_ATTEMPTS):
            kind = drawn.kind()
            text = self._of_kind(kind, drawn, form, date, first_year)[:self._longest].strip()
            if kind == "empty" or (text and not self._reader.is_date(text)):
                return _without(text, kind, form)
        return _without("", "empty", form)

    def _of_kind(self, kind: str, drawn: "_Draws", form: Form, date: datetime.date, first_year: int) -> str:
        if kind == "words":
            text = " ".join(drawn.one(self._words) for _ in range(1 + drawn.below(4)))
            changed = drawn.one((text, text.title(), text.upper()))
            return changed if set(changed) <= self._characters else text
        if kind == "letters":
            return "".join(drawn.one(self._letters) for _ in range(1 + drawn.below(self._longest)))
        if kind == "numbers":
            count, sign = 1 + drawn.below(4), drawn.one(" /.-,")
            return sign.join(str(drawn.below(10**(1 + drawn.below(5)))) for _ in range(count))
        parts = (date.year - first_year, date.month, date.day, date.weekday())
        if kind == "part missing":
            return _part_missing(drawn, form, parts)
        if kind == "impossible":
            return self._impossible(drawn, form, parts, date.year)
        return ""

    def _impossible(self, drawn: "_Draws", form: Form, parts: tuple[int, ...], year: int) -> str:
        """A day that no calendar has, or another word in place of the month."""
        names = [place for place, piece in enumerate(form.pieces) if piece.field == "month_name"]
        if not names or drawn.below(4):
            return form.text(_no_such_day(drawn, form, parts, year))
        numbers, texts = (*parts, 0), []
        for place, piece in enumerate(form.pieces):
            texts.append(drawn.one(self._words) if place in names else piece.written[numbers[piece.part]])
        return "".join(texts)


class _Draws:
    """Random choices from one number, the same in every version of Python."""

    def __init__(self, number: int) -> None:
        self._random = random.Random(number).random

    def below(self, count: int) -> int:
        return int(self._random() * count)

    def one(self, among: Sequence[str]) -> str:
        return among[self.below(len(among))]

    def kind(self) -> str:
        return KINDS[min(bisect(_BOUNDS, self._random()), len(KINDS) - 1)]


def _without(text: str, kind: str, form: Form) -> WrittenDate:
    spoiled = kind in ("part missing", "impossible")
    return WrittenDate(text, None, form.locale if spoiled else "", kind, form.case if spoiled else "")


def _part_missing(drawn: _Draws, form: Form, parts: tuple[int, ...]) -> str:
    """A date without its year, month or day, or one part of it alone."""
    numbers = (*parts, 0)
    texts = [(piece.part, piece.written[numbers[piece.part]]) for piece in form.pieces]
    fields = [place for place, piece in enumerate(form.pieces) if piece.field]
    if drawn.below(2):
        return texts[fields[drawn.below(len(fields))]][1]
    needed = [place for place in fields if texts[place][0] in REQUIRED]
    gone = needed[drawn.below(len(needed))]
    before = fields[fields.index(gone) - 1] + 1  # the literal text before it goes too
    kept = texts[fields[1]:] if gone == fields[0] else texts[:before] + texts[gone + 1:]
    return "".join(text for _, text in kept)


def _no_such_day(drawn: _Draws, form: Form, parts: tuple[int, ...], year: int) -> tuple[int, ...]:
    """The numbers of a day that no calendar has, near the one given."""
    since, month, day, weekday = parts
    digits = any(piece.field == "month" for piece in form.pieces) and not any(
        piece.field == "month_name" for piece in form.pieces)
    if digits and drawn.below(3) == 0:
        return since, 13 + drawn.below(7), day, weekday
    last = calendar.monthrange(year, month)[1]
    if last < 31 and drawn.below(2):
        return since, month, last + 1 + drawn.below(31 - last), weekday
    return since, month, 32 + drawn.below(NUMBERS - 32), weekday
