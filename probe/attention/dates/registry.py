"""All styles by name."""

from probe.attention.dates.pattern import with_leading_zeros, with_two_digits, without_commas
from probe.attention.dates.style import Changed, Given, Length, Skeleton, Style

_MEDIUM = Length("medium", "CLDR's medium: Nov 5, 2016")
_LONG = Length("long", "CLDR's long: November 5, 2016")
_FULL = Length("full", "CLDR's full: Saturday, November 5, 2016")
_DIGITS = Skeleton("yMd", "digits: 11/5/2016")

_ALL: tuple[Style, ...] = (
    Length("short", "CLDR's short: 11/5/16"),
    _MEDIUM,
    _LONG,
    _FULL,
    _DIGITS,
    Changed("padded", "digits with leading zeros: 11/05/2016", of=_DIGITS, change=with_leading_zeros),
    Skeleton("yMMdd", "two digits each: 05.11.2016"),
    Skeleton("yMEd", "short weekday and digits: Sat, 11/5/2016"),
    Skeleton("yMEEEEd", "weekday and digits: 2016/11/5土曜日"),
    Skeleton("yMMMd", "short month: Nov 5, 2016"),
    Skeleton("yMMMEd", "short weekday, short month: Sat, Nov 5, 2016"),
    Skeleton("yMMMEEEEd", "weekday, short month: Saturday, 5 Nov 2016"),
    Skeleton("yMMMMd", "month: 5 de noviembre de 2016"),
    Skeleton("yMMMMEd", "short weekday, month: sáb, 5 de noviembre de 2016"),
    Skeleton("yMMMMEEEEd", "weekday, month: Saturday, 5 November 2016"),
    Changed("medium_yy", "medium with two digits of the year: Nov 5, 16", of=_MEDIUM, change=with_two_digits),
    Changed("plain_medium", "medium without commas: Nov 5 2016", of=_MEDIUM, change=without_commas),
    Changed("plain_long", "long without commas: November 5 2016", of=_LONG, change=without_commas),
    Changed("plain_full", "full without commas: Saturday 5 November 2016", of=_FULL, change=without_commas),
    Changed("ordinal", "long with an ordinal: 5th November 2016, 1er novembre 2016", ordinal=True, of=_LONG),
    Changed("weekday_ordinal", "full with an ordinal: Saturday, November 5th, 2016", ordinal=True, of=_FULL),
    Changed("plain_weekday_ordinal", "the same without commas: Saturday 5th November 2016", ordinal=True, of=_FULL,
            change=without_commas),
    Given("ordinal_of", "ordinal and of: 5th of November 2016", ordinal=True, patterns={"en": "d 'of' MMMM y"}),
    Given("day_month_year", "day first: 5 November 2016", patterns={"en": "d MMMM y"}),
    Given("month_day_year", "month first: November 5, 2016", patterns={"en": "MMMM d, y"}),
    Given("day_mon_yy", "day first, short: 5 Nov 16", patterns={"en": "d MMM yy"}),
    Given("mon_day_yy", "month first, short: Nov 5, 16", patterns={"en": "MMM d, yy"}),
    Given("weekday_day_month_year", "weekday, day first: Saturday 5 November 2016", patterns={"en": "EEEE d MMMM y"}),
    Given("weekday_month_day_year", "weekday, month first: Saturday, November 5, 2016",
          patterns={"en": "EEEE, MMMM d, y"}),
    Given("iso", "the international standard's: 2016-11-05", patterns={"": "y-MM-dd"}),
)

STYLES: dict[str, Style] = {style.name: style for style in _ALL}

# Those whose day and month are digits in English, in an order that differs from place to place; that of iso does not.
AMBIGUOUS = ("short", "yMd", "padded", "yMMdd", "yMEd", "yMEEEEd")
WORDED = tuple(name for name in STYLES if name not in AMBIGUOUS)
