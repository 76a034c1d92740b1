"""Ways in which a date is written, each in every locale that has it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from babel import Locale

from probe.attention.dates.ordinals import ordinal_of


@dataclass(frozen=True)
class Style:
    """One way of writing a date.

    Attributes:
        name: as options name it.
        meaning: one line, with an example.
        ordinal: whether the day is an ordinal, which Babel's patterns cannot say.
    """

    name: str
    meaning: str
    ordinal: bool = False

    def pattern(self, locale: Locale) -> str | None:
        """Return Babel's pattern of this style in ``locale``, or None if the locale has no such style."""
        if self.ordinal and ordinal_of(locale) is None:
            return None
        return self._pattern(locale)

    def _pattern(self, locale: Locale) -> str | None:
        raise NotImplementedError


@dataclass(frozen=True)
class Length(Style):
    """One of CLDR's four lengths, which every locale has. Its name is Babel's."""

    def _pattern(self, locale: Locale) -> str | None:
        return str(locale.date_formats[self.name].pattern)


@dataclass(frozen=True)
class Skeleton(Style):
    """One of the choices of fields that CLDR puts in order for a locale. Its name is CLDR's."""

    def _pattern(self, locale: Locale) -> str | None:
        found = locale.datetime_skeletons.get(self.name)
        return None if found is None else str(found.pattern)


@dataclass(frozen=True)
class Changed(Style):
    """Another style, changed: with two digits of the year, without commas, or with an ordinal.

    Attributes:
        of: the other style.
        change: its pattern → the changed one, or None where there is nothing to change.
    """

    of: Style | None = None
    change: Callable[[str], str | None] = str

    def _pattern(self, locale: Locale) -> str | None:
        pattern = None if self.of is None else self.of.pattern(locale)
        return None if pattern is None else self.change(pattern)


@dataclass(frozen=True)
class Given(Style):
    """A pattern of ours, for one language or for all others.

    Attributes:
        patterns: language → pattern; under ``""`` that of all others.
    """

    patterns: Mapping[str, str] = field(default_factory=dict, hash=False)

    def _pattern(self, locale: Locale) -> str | None:
        return self.patterns.get(locale.language, self.patterns.get(""))
