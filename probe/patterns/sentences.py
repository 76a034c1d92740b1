"""Patterns of sentences."""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from probe.corpus.document import Document
from probe.patterns.layout import paragraphs
from probe.patterns.pattern import Context, Pattern
from probe.patterns.spans import marks
from probe.patterns.wording import bases, words

_FIRST = re.compile(r"[^\W_]")
_END = re.compile(
    r"(?<![.!?…‽؟۔।॥。！？．])(?P<stop>[.!?…‽؟۔।॥]++|(?P<wide>[。！？．]++))"
    r"(?P<closing>[\"'”’»›」』)\]}）］*_]*+)"
    r"(?P<gap>(?:\s|--+|[–—])*+)"
    r"[\"'“‘«‹„‚「『(\[{（［¿¡*_\s–—-]*+(?=(?P<next>[^\W_]))")
_LAST_WORD = re.compile(r"(?<![^\W_]|['’])[^\W\d_]+(?:\.[^\W\d_]+)*$")
_LONGEST_WORD = 24  # characters read before a stop: enough for any abbreviation
_TITLES = frozenset(
    "mr mrs ms mx messrs mme mlle dr prof rev hon st ste fr sr sra capt cpt col gen lt maj sgt cmdr adm "
    "gov sen rep pres mt ft viz cf vs ca approx dept est hr bzw vgl".split())
_BEFORE_NUMBERS = frozenset("no nos nr vol vols fig figs ch chap sec art pp par op ed eq".split())


@dataclass(frozen=True)
class SentenceStart(Pattern):
    name = "sentence_start"
    meaning = (
        "the first letter or digit of a paragraph's first word, and of a word not in lower case after a stop (. ! ? "
        "…) with its closing quotes; Mr., e.g., initials, decimals hold no stop"
    )
    group = "sentences"
    context = Context("paragraph")
    languages = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        labels: np.ndarray = marks(len(document), sentences(document))[bases(document)]
        return labels


@dataclass(frozen=True)
class PositionInSentence(Pattern):
    name = "position_in_sentence"
    meaning = (
        "1 from the first word of a sentence, 2 from its second…, up to the next one's first word or the "
        "paragraph's end; 0 elsewhere"
    )
    group = "sentences"
    kind = "graded"
    context = Context("paragraph")
    languages = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        starts, length = sentences(document), len(document)
        if not len(starts):
            return np.zeros(length, dtype=np.float32)
        begun = np.cumsum(marks(length, words(document).starts))
        sentence = np.searchsorted(starts, np.arange(length), side="right") - 1
        count = begun - begun[starts][np.maximum(sentence, 0)] + 1
        blocks = paragraphs(document)
        owner = np.searchsorted(blocks.starts, np.arange(length), side="right") - 1
        owner = np.maximum(owner, 0)
        inside = (np.arange(length) < blocks.stops[owner]) & (starts[np.maximum(sentence, 0)] >= blocks.starts[owner])
        return np.where(inside & (sentence >= 0), count, 0).astype(np.float32)


@lru_cache(maxsize=2)
def sentences(document: Document) -> np.ndarray:
    """Return where sentences start, (K,) int64, ascending."""
    starts: list[int] = []
    blocks = paragraphs(document)
    for start, stop in zip(blocks.starts.tolist(), blocks.stops.tolist(), strict=True):
        block = document.text[start:stop]
        if first := _FIRST.search(block):
            starts.append(start + first.start())
            starts += [start + end.end() for end in _END.finditer(block, first.end()) if _ends(block, end)]
    return np.array(starts, dtype=np.int64)


def _ends(block: str, end: re.Match[str]) -> bool:
    """Tell whether a stop, with a word somewhere after it, ends a sentence."""
    if end["next"].islower() or not (end["gap"] or end["wide"]):
        return False
    if end["stop"] != "." or end["closing"]:
        return True
    word = _LAST_WORD.search(block, max(0, end.start() - _LONGEST_WORD), end.start())
    if word is None:
        return True
    if "." in word[0] or (len(word[0]) == 1 and word[0] != "I"):
        return False
    return word[0].lower() not in _TITLES and not (word[0].lower() in _BEFORE_NUMBERS and end["next"].isdigit())
