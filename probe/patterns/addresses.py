"""The pattern of addresses on the web."""

import re
from dataclasses import dataclass

import numpy as np

from probe.corpus.document import Document
from probe.patterns.layout import lines
from probe.patterns.pattern import Context, Pattern
from probe.patterns.spans import Spans

_ADDRESS = re.compile(r"(?:\bhttps?://|\bftp://|\bwww\.(?=\w))[^\s<>\"“”‘’«»]++", re.IGNORECASE)
_TRAILING = ".,;:!?'*_"
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Url(Pattern):
    name = "url"
    meaning = (
        "an address on the web, from http:, https:, ftp: or www. to white space, < > or a quotation mark other than '; "
        "stops and ' at its end are left out, and closing brackets that it did not open"
    )
    group = "structure"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        rows, flat = lines(document), list[int]()
        for start, stop in zip(rows.starts.tolist(), rows.stops.tolist(), strict=True):
            line = document.text[start:stop]
            flat += [start + place for match in _ADDRESS.finditer(line)
                     for place in (match.start(), match.start() + _length(match[0]))]
        return Spans.of(flat).paint(len(document))


def _length(address: str) -> int:
    """Return the length of an address without what belongs to the sentence around it."""
    size = len(address)
    while address[size - 1] in _TRAILING or (
            address[size - 1] in _PAIRS and address.count(address[size - 1], 0, size)
            > address.count(_PAIRS[address[size - 1]], 0, size)):
        size -= 1
    return size
