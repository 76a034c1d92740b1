"""Which dates are written, and how."""

from dataclasses import dataclass, replace

from probe.attention.dates.casing import CASES
from probe.attention.dates.locales import ALL, locale_called, locale_names
from probe.attention.dates.piece import tokens_in
from probe.attention.dates.registry import STYLES, WORDED
from probe.errors import UserError, quoted
from probe.options import Options, named, option


@dataclass(frozen=True)
class DateOptions(Options):
    """The texts of a date translator: each locale is as likely as the next, and so is each style that it has, each
    letter case and each day."""

    locales: str = option("en_US,en_GB", "Babel's names of locales with commas between them, or all")
    styles: str = option(",".join(WORDED), "names of styles with commas between them, or all; by default those whose "
                         "order of day and month is plain in English")
    first_year: int = option(1970, "first year of the dates", minimum=1000, maximum=9999)
    last_year: int = option(2029, "last year of the dates", minimum=1000, maximum=9999)
    cases: str = option(",".join(CASES), f"letter cases with commas between them: {', '.join(CASES)}; or all")
    no_date: float = option(0.05, "share of texts for training that hold no date", minimum=0, below=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.first_year > self.last_year:
            raise UserError(f"--first-year must be at most --last-year, {self.last_year}; received {self.first_year}")
        for names in (self.locale_names, self.style_names, self.case_names):
            names()

    def spelt_out(self) -> "DateOptions":
        """Return the same choice with names in place of ``all``: what all is grows with Babel and with our styles.

        Of all locales those are named that have any of the styles, as one that is named must.
        """
        locales, styles = self.locale_names(), self.style_names()
        if ALL in self.locales:
            locales = tuple(name for name in locales if any(
                tokens_in(STYLES[style], locale_called(name)) is not None for style in styles)) or locales
        return replace(self, locales=",".join(locales), styles=",".join(styles), cases=",".join(self.case_names()))

    def locale_names(self) -> tuple[str, ...]:
        """Return the names of the locales, each once."""
        return locale_names(self.locales)

    def style_names(self) -> tuple[str, ...]:
        """Return the names of the styles, each once."""
        return _names("styles", "style", self.styles, STYLES)

    def case_names(self) -> tuple[str, ...]:
        """Return the letter cases, each once."""
        return _names("cases", "letter case", self.cases, CASES)


def _names(flag: str, kind: str, written: str, registry: dict) -> tuple[str, ...]:
    names = [name.strip() for name in written.split(",") if name.strip()]
    if not names:
        raise UserError(f"--{flag} must name at least one {kind}, or be all; received {quoted(written)}")
    for name in names:
        if name != ALL:
            named(kind, name, registry)
    return tuple(dict.fromkeys(one for name in names for one in (registry if name == ALL else (name,))))
