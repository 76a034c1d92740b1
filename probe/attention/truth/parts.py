"""Which part of the date each character of an output belongs to."""

YEAR, MONTH, DAY, HYPHENS, END = PARTS = ("year", "month", "day", "hyphens", "end")
# Those whose characters say which date it is. Hyphens and the end stand where they stand in every date.
TELLING = (YEAR, MONTH, DAY)


def parts_of(output: str) -> tuple[str, ...]:
    """Return the part of each character of an output such as ``2016-11-05``, and :data:`END` for its end.

    What stands behind a third hyphen, as a poor network may write, counts as the day.
    """
    parts, hyphens = [], 0
    for character in output:
        parts.append(HYPHENS if character == "-" else TELLING[min(hyphens, 2)])
        hyphens += character == "-"
    return (*parts, END)
