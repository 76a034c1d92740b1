"""All texts that options can write, in a dictionary: slow, and shares no code with hashes and readers."""

from collections import defaultdict
from functools import cache

from probe.attention.dates import DateOptions, forms_of
from probe.attention.dates.days import days_of

CHOICES = [
    DateOptions(locales="en_US,en_GB,it_IT,ja_JP,sv_SE", styles="all", first_year=2010, last_year=2011),
    DateOptions(locales="en_US,es_PA,da_DK,el_GR,fr_FR", styles="all", first_year=2010, last_year=2011),
    DateOptions(locales="en_US,en_GB", styles="short,yMd", first_year=1904, last_year=2007, cases="lower"),
    DateOptions(locales="kcg,ee,eo,es_PA,fil", styles="all", first_year=2011, last_year=2012),
]


@cache
def dictionary(options):
    """Return text → date → the probability of both, made one text at a time."""
    joint = defaultdict(lambda: defaultdict(float))
    days = days_of(options)
    parts = days.parts.tolist()
    for form in forms_of(options):
        for date, numbers in zip(days.dates, parts, strict=True):
            joint[form.text(numbers)][date] += form.weight / len(days.dates)
    return joint
