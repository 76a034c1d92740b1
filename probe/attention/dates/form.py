"""The forms in which dates are written: a locale, a style and a letter case, ready to be filled in."""

from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

from probe.attention.dates.locales import ALL, locale_called
from probe.attention.dates.options import DateOptions
from probe.attention.dates.pattern import Token
from probe.attention.dates.piece import Piece, piece_of, tokens_in
from probe.attention.dates.registry import STYLES
from probe.errors import UserError


@dataclass(frozen=True, eq=False, slots=True)
class Form:
    """One way of writing a date, and how likely it is to be chosen.

    Attributes:
        locale, style, case: names.
        weight: probability of being chosen; those of all forms sum to one.
        pieces: what a text is composed of.
    """

    locale: str
    style: str
    case: str
    weight: float
    pieces: tuple[Piece, ...]

    def text(self, parts: tuple[int, ...]) -> str:
        """Return the text of the date whose year (counted from the first), month, day and weekday are ``parts``."""
        numbers = (*parts, 0)
        return "".join([written[numbers[part]] for _, part, written in self.pieces])

    def text_and_fields(self, parts: tuple[int, ...]) -> tuple[str, tuple[tuple[str, int, int], ...]]:
        """Return the same text, and (name, start, stop) of each field in it."""
        numbers = (*parts, 0)
        texts, fields, start = [], [], 0
        for field, part, written in self.pieces:
            text = written[numbers[part]]
            stop = start + len(text)
            if field:
                fields.append((field, start, stop))
            texts.append(text)
            start = stop
        return "".join(texts), tuple(fields)


@lru_cache(maxsize=8)
def forms_of(options: DateOptions) -> tuple[Form, ...]:
    """Return all forms that ``options`` allow; draws and ceilings alike are made of them.

    Every locale is as likely as the next, in it every style that it has, and of this every letter case.

    Raises:
        UserError: a locale that was named has none of the styles, or no locale has.
    """
    cases, years = options.case_names(), (options.first_year, options.last_year)
    filled: dict[str, dict[str, tuple[Token, ...]]] = {}
    for name in options.locale_names():
        styles = _styles(locale_called(name), options)
        if styles:
            filled[name] = styles
        elif ALL not in options.locales:
            raise UserError(f"the locale {name} has none of the styles {options.styles}; add one, such as medium")
    if not filled:
        raise UserError(f"no locale has any of the styles {options.styles}; add one, such as medium")
    return tuple(
        Form(name, style, case, 1 / (len(filled) * len(styles) * len(cases)),
             tuple(piece_of(token, STYLES[style].ordinal, locale_called(name), case, years) for token in tokens))
        for name, styles in filled.items() for style, tokens in styles.items() for case in cases)


def _styles(locale: Locale, options: DateOptions) -> dict[str, tuple[Token, ...]]:
    return {name: tokens for name in options.style_names()
            if (tokens := tokens_in(STYLES[name], locale)) is not None}
