"""What stands in a text and found no place in the date that it was read as."""

import datetime
import re

# Digits of any script, as people write them.
_NUMBERS = re.compile(r"\d+")


def left_over(text: str, date: datetime.date) -> list[str]:
    """Return the numbers of a text for which a date has no use, in their order: ``["10", "30"]`` of a time of day.

    Each number may be the year, its last two digits, the month or the day, and none of them twice. So a year that a
    network never learnt, the other end of a range and a second date are told, however sure the network is.
    """
    parts, over = [date.day, date.month, date.year], []
    for digits in _NUMBERS.findall(text):
        number = int(digits)
        if number in parts:
            parts.remove(number)
        elif len(digits) == 2 and date.year in parts and number == date.year % 100:
            parts.remove(date.year)
        else:
            over.append(digits)
    return over
