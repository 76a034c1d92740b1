"""Names of locales, as Babel has them."""

import difflib
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.localedata import locale_identifiers

from probe.errors import UserError, quoted

ALL = "all"


@cache
def all_locales() -> tuple[str, ...]:
    """Return the names of all locales that Babel has, sorted."""
    return tuple(sorted(locale_identifiers()))


@cache
def locale_called(name: str) -> Locale:
    """Return the locale of a name such as ``en_US``, ``en-US`` or ``zh_CN`` (which is Babel's ``zh_Hans_CN``).

    Raises:
        UserError: there is none; a near name is suggested.
    """
    try:
        return Locale.parse(name.replace("-", "_"))
    except (ValueError, TypeError, UnknownLocaleError):
        near = difflib.get_close_matches(name.replace("-", "_"), all_locales(), 3, 0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "accepted are Babel's, such as en_US, or all"
        raise UserError(f"no locale is called {quoted(name)}; {hint}") from None


def locale_names(written: str) -> tuple[str, ...]:
    """Return the names in a list with commas, each locale once, in its order.

    Raises:
        UserError: a name is unknown, or there is none.
    """
    names = tuple(name.strip() for name in written.split(",") if name.strip())
    if not names:
        raise UserError(f"--locales must name at least one locale, or be all; received {quoted(written)}")
    found: dict[str, str] = {}
    for name in names:
        for one in all_locales() if name == ALL else (name,):
            found.setdefault(one if name == ALL else str(locale_called(one)), one)
    return tuple(found.values())
