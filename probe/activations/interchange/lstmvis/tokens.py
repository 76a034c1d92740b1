"""Tokens of LSTMVis' dictionaries: one a line, parted from its id by white space, which itself needs stand-ins."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from probe.errors import UserError
from probe.files import iterate_bytes

# Signs that show white space, and what takes their place in a text that holds the sign itself.
SIGNS = {" ": ("␣", "<space>"), "\n": ("⏎", "<newline>"), "\t": ("⇥", "<tab>"), "\r": ("␍", "<return>")}
# How others write white space in a dictionary of characters; LSTMVis' authors advise the first and the second.
USUAL = {"<space>": " ", "__": " ", "<newline>": "\n", "<nl>": "\n", "<tab>": "\t", "<return>": "\r"}
LARGEST = 1 << 26


def tokens_of(characters: Iterable[str]) -> dict[str, str]:
    """Return the token of each of the distinct ``characters`` of a text: the character, or a stand-in for white space.

    All tokens differ: a stand-in is a sign that the text lacks, or longer than a character.
    """
    present = list(characters)
    return {character: _stand_in(character, present) if character.isspace() else character for character in present}


def _stand_in(character: str, present: list[str]) -> str:
    sign, word = SIGNS.get(character, ("", f"<U+{ord(character):04X}>"))
    return sign if sign and sign not in present else word


def dictionary_text(tokens: Iterable[str]) -> str:
    """Return a dictionary in which the tokens have the ids 1, 2, …"""
    return "".join(f"{token} {number}\n" for number, token in enumerate(tokens, start=1))


def read_dictionary(path: Path) -> dict[int, str]:
    """Return id → token.

    Lines are read as LSTMVis reads them: a token and a whole number; a line that begins with a space is the space's.

    Raises:
        UserError: the file is missing or too large, a line is neither, or an id is there twice.
    """
    raw = b""
    for block in iterate_bytes(path):
        raw += block
        if len(raw) > LARGEST:
            raise UserError(f"{path}: is larger than {LARGEST:,} bytes, which no dictionary is")
    try:
        lines = raw.decode("utf-8").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start:,}") from error
    tokens: dict[int, str] = {}
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if len(words) == 1 and line.startswith(" "):
            words = [" ", *words]
        if not words:
            continue
        if len(words) != 2 or not words[1].isascii() or not words[1].isdecimal() or len(words[1]) > 18:
            raise UserError(f"{path}: line {number:,} must be a token and its id, parted by a space; received "
                            f"{line!r:.80}")
        if int(words[1]) in tokens:
            raise UserError(f"{path}: line {number:,}: the id {words[1]} is there twice")
        tokens[int(words[1])] = words[0]
    if not tokens:
        raise UserError(f"{path}: holds no token")
    return tokens


def texts_of(tokens: Mapping[int, str], ours: Mapping[str, str] | None) -> tuple[dict[int, str], str]:
    """Return the text of each token, and what parts two of them: nothing between characters, a space between words.

    Args:
        tokens: id → token.
        ours: stand-in → the character it means, if the folder tells; else those that are usual are understood, if all
            tokens are characters then.
    """
    meant = {number: (USUAL if ours is None else ours).get(token, token) for number, token in tokens.items()}
    if all(len(text) == 1 for text in meant.values()):
        return meant, ""
    return dict(tokens), " "
