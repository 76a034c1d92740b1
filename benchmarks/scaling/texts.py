"""Texts of any size: pages of Python's standard library, and words of any number of distinct characters."""

import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from probe.corpus.embedded import StandardLibrary

# Characters of a page, which is cut at the ends of lines.
PAGE = 4000
# Characters of the library from which pages are taken: all that it has.
ALL = 1 << 40
# Where characters begin that have a shape of their own and no case: CJK ideographs, of which there are 20,992.
IDEOGRAPHS = 0x4E00
WORDS_OF_A_LINE = 12


def write_pages(path: Path, size: int, *, lines: bool = True) -> None:
    """Write pages of the standard library in a seeded order, and again in another, until there are ``size`` bytes.

    Pages with a character beyond ASCII are left out: a byte is a character.

    Args:
        path: of the text.
        size: its bytes.
        lines: whether line breaks stay; else each becomes a space.
    """
    left = size
    with path.open("wb") as file:
        for page in _endless(pages()):
            text = page if lines else page.replace(b"\n", b" ")
            file.write(text[:left])
            left -= len(text)
            if left <= 0:
                return


def pages() -> list[bytes]:
    """Return the pages of the library's files, in the order in which the embedded corpus reads them."""
    library, made = StandardLibrary.of_folder(Path(sysconfig.get_path("stdlib")), ALL), []
    for name in library.files:
        text = (library.root / name).read_bytes()
        while text:
            end = text.find(b"\n", PAGE) + 1 or len(text)
            made.append(text[:end])
            text = text[end:]
    return [page for page in made if page.isascii() and b"\r" not in page]


def _endless(made: list[bytes]) -> Iterator[bytes]:
    drawn = random.Random(0)
    while True:
        drawn.shuffle(made)
        yield from made


def write_words(path: Path, characters: int, vocabulary: int) -> None:
    """Write words of up to eight characters, drawn as Zipf's law has it, in lines with full stops and empty lines.

    Args:
        path: of the text.
        characters: at least so many.
        vocabulary: distinct characters; each occurs.
    """
    signs = " .\n"
    letters = np.array([chr(code) for code in (range(97, 123) if vocabulary < 100 else range(
        IDEOGRAPHS, IDEOGRAPHS + vocabulary - len(signs)))][:vocabulary - len(signs)])
    drawn = np.random.default_rng(0)
    chances = 1 / np.arange(1, len(letters) + 1)
    order = np.concatenate([np.arange(len(letters)), drawn.choice(len(letters), characters, p=chances / chances.sum())])
    text, place = [], 0
    while place < len(order):
        words = []
        for length in drawn.integers(1, 9, WORDS_OF_A_LINE).tolist():
            words.append("".join(letters[order[place:place + length]]))
            place += length
        text.append(" ".join(words) + (".\n" if drawn.random() < 0.8 else ".\n\n"))
    path.write_text("".join(text), "utf-8")
