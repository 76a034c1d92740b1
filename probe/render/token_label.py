"""Tokens as labels of rows and columns: every one visible, in the order and the forms in which its script is read."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from probe.render.graphemes import clusters, visible
from probe.render.joining import joined, presented
from probe.render.visual_order import MIRRORS, levels, order_of

# What stands for white space, for a token of nothing, and below a mark that has no letter of its own.
WHITE = {" ": "␣", "\n": "↵", "\t": "→"}
OTHER_WHITE, NOTHING, CIRCLE = "⍽", "∅", "◌"
NAMES = {" ": "space", "\n": "newline", "\t": "tab", "": "nothing"}
WORD_STARTS = "▁Ġ"


@dataclass(frozen=True)
class TokenLabel:
    """A token as it stands beside cells.

    Attributes:
        place: which token it is, from 0.
        letters: as a page shows it: white space as a sign, a mark on a dotted circle, brackets turned as they are read.
        printed: the same where letters cannot be joined: Arabic ones in the form that they have in the word.
        name: as words name it.
        joins: whether it joins the token before it, and the one behind it.
        leftward: whether it holds letters that run to the left.
    """

    place: int
    letters: str
    printed: str
    name: str
    joins: tuple[bool, bool] = (False, False)
    leftward: bool = False


def text_of(tokens: Sequence[str]) -> str:
    """Return tokens as one text: words with spaces between them, unless they bring their own or are characters."""
    return separator_of(tokens).join(tokens)


def labels_of(tokens: Sequence[str]) -> list[TokenLabel]:
    """Return the label of each token."""
    text, starts = text_of(tokens), starts_of(tokens)
    joins, levelled = joined(text), levels(text)
    return [_label(place, token, joins[start:start + len(token)], levelled[start:start + len(token)])
            for place, (token, start) in enumerate(zip(tokens, starts, strict=True))]


def token_order(tokens: Sequence[str]) -> tuple[int, ...]:
    """Return the places of tokens from left to right, as the text that they make is laid out."""
    levelled = levels(text_of(tokens))
    result: list[int] = []
    for token, start in zip(tokens, starts_of(tokens), strict=True):
        result.append(levelled[start] if token else result[-1] if result else 0)
    return order_of(result)


def separator_of(tokens: Sequence[str]) -> str:
    """Return what stands between tokens: nothing if all are characters, or if one brings white space, else a space."""
    if any(token[:1] in WORD_STARTS or any(map(str.isspace, token)) for token in tokens if token):
        return ""
    return "" if all(len(token) < 2 or len(clusters(token)) < 2 for token in tokens) else " "


def starts_of(tokens: Sequence[str]) -> list[int]:
    """Return where each token begins in :func:`text_of`."""
    apart, starts, start = len(separator_of(tokens)), [], 0
    for token in tokens:
        starts.append(start)
        start += len(token) + apart
    return starts


def _label(place: int, token: str, joins: list[tuple[bool, bool]], levelled: list[int]) -> TokenLabel:
    turned = [MIRRORS.get(letter, letter) if level % 2 else letter
              for letter, level in zip(token, levelled, strict=True)]
    letters, printed = ("".join(map(_sign, each)) or NOTHING for each in (
        turned, [presented(letter, *both) for letter, both in zip(turned, joins, strict=True)]))
    on = CIRCLE if token and unicodedata.category(token[0]).startswith("M") else ""
    around = (joins[0][0], joins[-1][1]) if joins else (False, False)
    return TokenLabel(place, visible(on + letters), visible(on + printed), _name(token), around,
                      any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in token))


def _sign(letter: str) -> str:
    return WHITE.get(letter) or (OTHER_WHITE if unicodedata.category(letter) == "Zs" else letter)


def _name(token: str) -> str:
    """A token in words: a character that would not be seen, or not by itself, by its Unicode name."""
    if token in NAMES:
        return NAMES[token]
    if len(token) == 1 and unicodedata.category(token)[0] in "MZC":
        return unicodedata.name(token, "").lower() or visible(token)
    return "".join(map(_sign, visible(token)))
