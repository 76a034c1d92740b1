"""The order in which a line of mixed scripts stands from left to right (Unicode's bidirectional algorithm, UAX #9).

The implicit rules alone: every view spells out the characters that would embed, override or isolate, so they order
nothing here and stand behind what precedes them. Marks of direction (U+200E, U+200F, U+061C) act as in any text.
"""

from collections.abc import Sequence
from unicodedata import bidirectional

# Pairs that the rule N0 knows; of Unicode's, those that are written in dates and ordinary text.
_BRACKETS = "()[]{}⟨⟩〈〉《》「」『』【】〔〕（）［］｛｝"
CLOSING = dict(zip(_BRACKETS[::2], _BRACKETS[1::2], strict=True))
_MIRRORED = _BRACKETS + "<>«»‹›≤≥"
MIRRORS = dict(zip(_MIRRORED[::2] + _MIRRORED[1::2], _MIRRORED[1::2] + _MIRRORED[::2], strict=True))
# As many brackets as may be open at once (BD16).
MOST_OPEN = 63
_REMOVED = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "BN"))  # rule X9, and isolates
_NEUTRAL = frozenset(("B", "S", "WS", "ON"))
_STRONG = frozenset(("L", "R", "AL"))
_AS_RIGHT = frozenset(("R", "EN", "AN"))


def levels(text: str) -> list[int]:
    """Return the level of each character of a line: even ones run to the right, odd ones to the left.

    Args:
        text: N characters; the first strong one says which way the line runs (rules P2 and P3).

    Returns:
        N levels, of 0 to 2.
    """
    own, base = [_type(character) for character in text], base_level(text)
    kept = [place for place, kind in enumerate(own) if kind not in _REMOVED]
    types = [own[place] for place in kept]
    _weak(types, base)
    _brackets([text[place] for place in kept], types, [own[place] for place in kept], base)
    _neutral(types, base)
    found = dict(zip(kept, (_implicit(kind, base) for kind in types), strict=True))
    result: list[int] = []
    for place in range(len(text)):
        result.append(found.get(place, result[-1] if result else base))
    return _line_ends(result, own, base)


def base_level(text: str) -> int:
    """Return 1 for a line that runs to the left, as its first strong character does, else 0."""
    return next((int(kind != "L") for kind in map(_type, text) if kind in _STRONG), 0)


def visual_order(text: str) -> tuple[int, ...]:
    """Return the places of a line's N characters from left to right."""
    return order_of(levels(text))


def order_of(levels: Sequence[int]) -> tuple[int, ...]:
    """Return the places of what has these levels, from left to right (rule L2)."""
    order = list(range(len(levels)))
    for least in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            stop = start
            while stop < len(order) and levels[order[stop]] >= least:
                stop += 1
            order[start:stop] = order[start:stop][::-1]
            start = stop + 1
    return tuple(order)


def _type(character: str) -> str:
    return bidirectional(character) or "L"


def _weak(types: list[str], base: int) -> None:
    """Rules W1 to W7, one after the other over the whole line."""
    outside = "LR"[base]
    for place, kind in enumerate(types):  # W1
        if kind == "NSM":
            types[place] = types[place - 1] if place else outside
    strong = outside
    for place, kind in enumerate(types):  # W2
        strong = kind if kind in _STRONG else strong
        if kind == "EN" and strong == "AL":
            types[place] = "AN"
    types[:] = ["R" if kind == "AL" else kind for kind in types]  # W3
    for place in range(1, len(types) - 1):  # W4
        before, kind, after = types[place - 1:place + 2]
        if before == after and (before, kind) in (("EN", "ES"), ("EN", "CS"), ("AN", "CS")):
            types[place] = before
    for places in (range(len(types)), range(len(types) - 1, -1, -1)):  # W5
        number = False
        for place in places:
            number = types[place] == "EN" or (number and types[place] == "ET")
            if number:
                types[place] = "EN"
    types[:] = ["ON" if kind in ("ES", "ET", "CS") else kind for kind in types]  # W6
    strong = outside
    for place, kind in enumerate(types):  # W7
        strong = kind if kind in "LR" else strong
        if kind == "EN" and strong == "L":
            types[place] = "L"


def _brackets(letters: list[str], types: list[str], own: list[str], base: int) -> None:
    """Rule N0: both of a pair take the line's direction if it is found between them, else the other where it leads."""
    along, across = "LR"[base], "RL"[base]
    for start, stop in _pairs(letters, types):
        inside = {_direction(kind) for kind in types[start + 1:stop]}
        if along in inside:
            found = along
        elif across in inside:
            before = next((way for place in range(start - 1, -1, -1) if (way := _direction(types[place]))), along)
            found = across if before == across else along
        else:
            continue
        for place in (start, stop):
            types[place] = found
            while place + 1 < len(types) and own[place + 1] == "NSM":
                place += 1
                types[place] = found


def _pairs(letters: list[str], types: list[str]) -> list[tuple[int, int]]:
    """The brackets that close each other, by where they open (BD16)."""
    found: list[tuple[int, int]] = []
    opened: list[tuple[str, int]] = []
    for place, (letter, kind) in enumerate(zip(letters, types, strict=True)):
        if kind != "ON":
            continue
        if letter in CLOSING:
            if len(opened) == MOST_OPEN:
                return []
            opened.append((CLOSING[letter], place))
        elif (match := next((depth for depth in range(len(opened) - 1, -1, -1) if opened[depth][0] == letter),
                            None)) is not None:
            found.append((opened[match][1], place))
            del opened[match:]
    return sorted(found)


def _direction(kind: str) -> str:
    """The direction in which a resolved type pulls neutral ones, or nothing; numbers act as if they ran to the left."""
    return "R" if kind in _AS_RIGHT else "L" if kind == "L" else ""


def _neutral(types: list[str], base: int) -> None:
    """Rules N1 and N2: between two that pull the same way neutral ones follow them, else the line."""
    outside = "LR"[base]
    place = 0
    while place < len(types):
        stop = place
        while stop < len(types) and types[stop] in _NEUTRAL:
            stop += 1
        before = _direction(types[place - 1]) if place else outside
        after = _direction(types[stop]) if stop < len(types) else outside
        types[place:stop] = [before if before == after else outside] * (stop - place)
        place = stop + 1


def _implicit(kind: str, base: int) -> int:
    """Rules I1 and I2."""
    return base + (kind != "R") if base else {"L": 0, "R": 1}.get(kind, 2)


def _line_ends(found: list[int], own: list[str], base: int) -> list[int]:
    """Rule L1: separators, and white space before them and at the end, run as the line does."""
    resetting = True
    for place in range(len(found) - 1, -1, -1):
        separator = own[place] in ("B", "S")
        resetting = separator or (resetting and (own[place] == "WS" or own[place] in _REMOVED))
        if resetting:
            found[place] = base
    return found
