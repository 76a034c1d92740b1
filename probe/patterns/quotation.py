"""Which quotation marks belong together, and which are apostrophes.

Every mark first gets a role from the characters beside it; marks that could be either (the ’ of "dogs’ tails" and of
"‘EAT ME’ were") are settled by what follows in the paragraph; then a stack pairs what opens with what closes.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from probe.corpus.document import Document
from probe.patterns.layout import paragraphs
from probe.patterns.spans import Spans

Role = Literal["open", "close", "toggle", "weak", "apostrophe"]

_WORD = r"[^\W_]|[\u0300-\u036f]"
_MARKS = re.compile(rf"[\"“”„«»「」『』]|(?<!{_WORD})['‘’‚]|['‘’](?!{_WORD})")
_LETTER = re.compile(_WORD)
_POSSESSIVE = re.compile(r"[sSzZxX]['’]\s+(?:[^\W\d_])")
_YEARS = re.compile(r"\d\ds?\b")
_ELISIONS = re.compile(
    r"(?:em|im|er|un|uns|tis|tisn|twas|twasn|twere|twill|twould|twon|twixt|tween|til|till|gainst|neath|scape|bout|"
    r"cause|cos|fore|fraid|pon|gin|gan|ere|longs?|larums?|rt|s|t)\b", re.IGNORECASE)
_ALWAYS_CUT = re.compile(r"(?:em|tis|tisn|twas|twasn|twere|twill|twould|twixt|tween|neath|gainst)\b", re.IGNORECASE)
_CUT_WORDS = re.compile(r"(?<![^\W_]|['’])(?:o|th|i|t|ha|wi|an|ol)$", re.IGNORECASE)

_DASHES = "-–—―"
_OPENING = "([{<" + "“‘„‚«「『"
_AFTER_CLOSING = ".,;:!?…)]}>" + "”’»」』"
_KIND = {"“": "“", "”": "“", "„": "“", '"': '"', "‘": "‘", "’": "‘", "‚": "‘", "'": "'",
         "«": "«", "»": "«", "「": "「", "」": "「", "『": "『", "』": "『"}
_SINGLE = "‘'「"
_SIMPLE: dict[str, Role] = {"„": "open", "‚": "open", "«": "open", "»": "close",
                            "「": "open", "」": "close", "『": "open", "』": "close"}


@dataclass(frozen=True)
class Quotations:
    """The quotations of a document, in the order in which they open.

    Attributes:
        inner: (K,) spans of what is quoted, without the marks; one that is never closed ends with its paragraph, and
            one that was opened in an earlier paragraph begins with its own.
        opened, closed: (K,) bool, whether its paragraph holds the mark before it, and the mark after it.
        single: (K,) bool, whether its marks are single.
        outermost: (K,) bool, whether it lies inside no other.
        paragraph_stops: (K,) int64, where its paragraph ends.
    """

    inner: Spans
    opened: np.ndarray
    closed: np.ndarray
    single: np.ndarray
    outermost: np.ndarray
    paragraph_stops: np.ndarray


@dataclass
class _Mark:
    position: int
    kind: str
    role: Role
    unsure: bool = False  # an opening straight single mark, which needs its closing one to be believed
    continues: bool = False  # a closing mark right after punctuation: no apostrophe, so it ends a speech from before


@lru_cache(maxsize=2)
def quotations(document: Document) -> Quotations:
    """Find the quotations of ``document``; none reaches from one paragraph into the next."""
    rows: list[tuple[int, int, bool, bool, bool, bool, int]] = []
    blocks = paragraphs(document)
    for start, stop in zip(blocks.starts.tolist(), blocks.stops.tolist(), strict=True):
        block = document.text[start:stop]
        found = [_role(block, match.start()) for match in _MARKS.finditer(block)]
        if found:
            _settle(block, found)
            rows += [(start + row[0], start + row[1], *row[2:], stop) for row in sorted(_pair(found, len(block)))]
    table = np.array(rows, dtype=np.int64).reshape(-1, 7)
    opened, closed, single, outermost = table[:, 2:6].T.astype(bool)
    return Quotations(Spans(table[:, 0], table[:, 1]), opened, closed, single, outermost, table[:, 6])


def _role(block: str, position: int) -> _Mark:
    """Judge one mark by the characters beside it in its paragraph."""
    mark = block[position]
    before = block[position - 1] if position else "\n"
    after = block[position + 1] if position + 1 < len(block) else "\n"
    found = _Mark(position, _KIND[mark], "open")
    fresh = before.isspace() or before in _OPENING or before in _DASHES
    ends = after.isspace() or after in _AFTER_CLOSING or after in _DASHES
    if mark in _SIMPLE:
        found.role = _SIMPLE[mark]
    elif mark == "“":
        mistyped = not before.isspace() and (after.isspace() or after in _AFTER_CLOSING)
        if mistyped and not (after == "’" and _LETTER.match(block, position + 2)):
            found.role = "toggle"
    elif mark == "”":
        found.role = "toggle" if fresh and not ends else "close"
    elif mark == '"':
        found.role = "toggle" if fresh == ends else "open" if fresh else "close"
    else:
        found.role = _role_of_single(block, position, before, after)
        found.unsure = mark == "'" and found.role == "open"
    found.continues = mark != "'" and found.role == "close" and (before in _AFTER_CLOSING or before in _DASHES)
    return found


def _role_of_single(block: str, position: int, before: str, after: str) -> Role:
    mark = block[position]
    if _LETTER.match(after):
        if _ALWAYS_CUT.match(block, position + 1):
            return "apostrophe"
        if mark == "‘":
            return "open"
        if before in _AFTER_CLOSING and before not in _OPENING:
            return "close"
        if _ELISIONS.match(block, position + 1) or _YEARS.match(block, position + 1):
            return "apostrophe"
        if mark == "'":
            return "open"
        return "close" if before in _DASHES else "apostrophe"
    if _LETTER.match(before):
        if mark == "‘":
            return "toggle"
        return "apostrophe" if _CUT_WORDS.search(block, max(0, position - 4), position) else "weak"
    if mark == "‘":
        closes = after.isspace() or after in _AFTER_CLOSING
        return "toggle" if closes and not before.isspace() and before not in _OPENING else "open"
    if mark == "'" and (before.isspace() or before in _OPENING) and not after.isspace():
        return "open"
    return "apostrophe" if before.isspace() and after.isspace() else "close"


def _settle(block: str, found: list[_Mark]) -> None:
    """Turn every weak mark into a closing mark or an apostrophe, and drop straight openings that nothing closes."""
    for kind in "‘'":
        family = [mark for mark in found if mark.kind == kind and mark.role != "apostrophe"]
        waiting: _Mark | None = None
        weak: list[_Mark] = []
        for mark in [*family, None]:
            if mark is not None and mark.role == "weak":
                weak.append(mark)
                continue
            closes = mark is not None and mark.role != "open"
            chosen = None if closes or waiting is None else _closing_among(block, weak)
            for other in weak:
                other.role = "close" if other is chosen else "apostrophe"
            if waiting is not None and waiting.unsure and not closes and chosen is None:
                waiting.role = "apostrophe"
            waiting, weak = (mark if mark is not None and mark.role == "open" else None), []


def _closing_among(block: str, weak: list[_Mark]) -> _Mark | None:
    """Choose which of several marks after a letter closes a quotation: the first that does not look like a plural's."""
    sure = [mark for mark in weak if not _POSSESSIVE.match(block, mark.position - 1)]
    return next(iter(sure or weak), None)


def _pair(found: list[_Mark], stop: int) -> list[tuple[int, int, bool, bool, bool, bool]]:
    """Pair the marks of a paragraph of ``stop`` characters: (start, stop, opened, closed, single, outermost)."""
    rows: list[tuple[int, int, bool, bool, bool, bool]] = []
    stack: list[_Mark] = []

    def end(position: int, closed: bool) -> None:
        mark = stack.pop()
        rows.append((mark.position + 1, position, True, closed, mark.kind in _SINGLE, not stack))

    for index, mark in enumerate(found):
        if mark.role == "apostrophe":
            continue
        kinds = [other.kind for other in stack]
        if mark.role == "open" or (mark.role == "toggle" and mark.kind not in kinds):
            if mark.kind in kinds and not _nests(found, index):
                while mark.kind in [other.kind for other in stack]:  # its closing mark was forgotten
                    end(mark.position, False)
            stack.append(mark)
        elif mark.kind in kinds:
            while stack[-1].kind != mark.kind:
                end(mark.position, False)
            end(mark.position, True)
        elif not rows and not stack and mark.continues:
            rows.append((0, mark.position, False, True, mark.kind in _SINGLE, True))
    while stack:
        end(stop, False)
    return rows


def _nests(found: list[_Mark], index: int) -> bool:
    """Tell whether two marks close after the opening mark at ``index`` before another of its kind opens."""
    closing = 0
    for place in range(index + 1, len(found)):
        mark = found[place]
        if mark.kind == found[index].kind and mark.role != "apostrophe":
            if mark.role == "open":
                return False
            closing += 1
            if closing == 2:
                return True
    return False
