"""Which signals, layers and units are meant by the words of an option."""

from collections.abc import Sequence

from probe.activations.signal import SIGNALS
from probe.errors import UserError
from probe.options import did_you_mean

ALL = "all"


def chosen_signals(given: str, offered: Sequence[str] = SIGNALS) -> tuple[str, ...]:
    """Return the signals named in ``given``, each once, in the order of those ``offered``; ``"all"`` is every one.

    Raises:
        UserError: a name that is not among them.
    """
    names = offered if given == ALL else _words(given)
    if not names or not set(names) <= set(offered):
        raise UserError(f"--signals must be {ALL}, or some of {', '.join(offered)}, with commas between them; received "
                        f"{given!r}{_meant(names, offered)}")
    return tuple(name for name in offered if name in names)


def chosen_layers(given: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return those of ``names`` that ``given`` names, in their own order.

    Raises:
        UserError: a name that is not among them.
    """
    if given == ALL:
        return tuple(names)
    words = _words(given)
    if not words or not set(words) <= set(names):
        raise UserError(f"--layers must be {ALL}, or some of {', '.join(names)}, with commas between them; received "
                        f"{given!r}{_meant(words, names)}")
    return tuple(name for name in names if name in words)


def chosen_units(given: str, count: int | None = None) -> Sequence[int]:
    """Return the indices of units that ``given`` names, each once, in ascending order.

    Args:
        given: ``"all"``, or indices and ranges with commas between them, such as ``"0-63,189"``, both ends included.
        count: units that there are; None if it is not known yet, when ``"all"`` are none.

    Raises:
        UserError: words of another form, or a unit that is not there.
    """
    if given == ALL:
        return range(count or 0)
    accepted = f"{ALL}, or indices from 0 and ranges such as 0-63,189"
    spans = []
    for word in _words(given):
        first, _, last = word.partition("-")
        if not (first.isdecimal() and (last.isdecimal() if "-" in word else True)) or len(word) > 20:
            raise UserError(f"--units must be {accepted}; received {given!r}")
        spans.append((int(first), int(last or first)))
    if not spans or any(first > last for first, last in spans):
        raise UserError(f"--units must be {accepted}; received {given!r}")
    largest = max(last for _, last in spans)
    if count is None:
        return ()
    if largest >= count:
        raise UserError(f"--units must be below {count}, the number of units of the layer; received {largest}")
    return sorted({unit for first, last in spans for unit in range(first, last + 1)})


def _meant(words: Sequence[str], names: Sequence[str]) -> str:
    """Which name the first word that is none is near to, as a message tells it."""
    return did_you_mean(next((word for word in words if word not in names), ""), names)


def _words(given: str) -> list[str]:
    return [word.strip() for word in given.split(",") if word.strip()]
