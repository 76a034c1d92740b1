"""Changes to the bytes of a file, whatever it holds, and to what stands at its place."""

import os
import pickle
import struct
from pathlib import Path
from random import Random

# Sizes, counts and offsets at which readers stumble, in either byte order.
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF,
           0xFFFFFFFFFFFFFFFF)
FORMS = {1: "B", 2: "H", 4: "I", 8: "Q"}


class Trap:
    """What a pickle would run."""

    def __reduce__(self):
        return os.system, ("true a pickle was loaded",)


BEGINNINGS = (b"", b"\0", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"\x93NUMPY\x01\x00", b"\x1f\x8b\x08", b"\xff\xfe",
              b"\xef\xbb\xbf", pickle.dumps(Trap()), b"[" * 50_000, b"{}", b"[]", b"null", b"\n" * 100)


# What can stand where a file was, and of that what no person would name.
PLACES = ("nothing", "a folder", "a link to nothing", "a link to itself", "a link to another file")
TRAPS = ("a link to an endless file", "a pipe", "a file full of holes")


def edit_bytes(path: Path, chance: Random, others: list[Path], places: tuple[str, ...] = ()) -> str:
    """Change the file at ``path`` and say how.

    Args:
        path: a file.
        chance: draws what is changed.
        others: files of the same sample, to take pieces from.
        places: what may stand there instead, of :data:`PLACES` and :data:`TRAPS`.
    """
    if places and chance.random() < 0.04:
        return place(path, chance.choice(places))
    return chance.choices([truncate, flip, set_bytes, set_number, splice, cut, insert, replace],
                          [5, 8, 3, 3, 2, 2, 2, 1])[0](path, chance, others)


def truncate(path: Path, chance: Random, others: list[Path]) -> str:
    """End the file early: at a kilobyte, or anywhere."""
    size = path.stat().st_size
    end = chance.choice([1024 * chance.randint(0, size // 1024), chance.randint(0, size), max(0, size - 1)])
    os.truncate(path, end)
    return f"ends after {end:,} of {size:,} bytes"


def flip(path: Path, chance: Random, others: list[Path]) -> str:
    """Turn a single bit."""
    content = bytearray(path.read_bytes())
    if not content:
        return truncate(path, chance, others)
    at, bit = chance.randrange(len(content)), chance.randrange(8)
    content[at] ^= 1 << bit
    path.write_bytes(content)
    return f"bit {bit} of byte {at:,} turned"


def set_bytes(path: Path, chance: Random, others: list[Path]) -> str:
    """Set a few bytes to anything."""
    content = bytearray(path.read_bytes())
    places = sorted(chance.randrange(len(content)) for _ in range(chance.randint(1, 16))) if content else []
    for at in places:
        content[at] = chance.randrange(256)
    path.write_bytes(content)
    return f"bytes {places} set"


def set_number(path: Path, chance: Random, others: list[Path]) -> str:
    """Write a number at which readers stumble over what is there."""
    content = bytearray(path.read_bytes())
    size, number = chance.choice(list(FORMS)), chance.choice(NUMBERS)
    at = chance.randrange(max(1, len(content) - size))
    at -= chance.choice([0, at % size])
    raw = struct.pack(chance.choice("<>") + FORMS[size], number & ((1 << 8 * size) - 1))
    content[at:at + size] = raw
    path.write_bytes(content)
    return f"{size} bytes at {at:,} are {number:#x}"


def splice(path: Path, chance: Random, others: list[Path]) -> str:
    """Put a piece of this file or another over or between its bytes."""
    content = bytearray(path.read_bytes())
    source = chance.choice([path, *others]).read_bytes()
    start, length = chance.randrange(len(source) + 1), chance.choice([1, 8, 64, 1024, 1 << 16])
    piece, at = source[start:start + length], chance.randrange(len(content) + 1)
    over = chance.random() < 0.5
    content[at:at + len(piece) * over] = piece
    path.write_bytes(content)
    return f"{len(piece):,} bytes from {start:,} put {'over' if over else 'before'} {at:,}"


def cut(path: Path, chance: Random, others: list[Path]) -> str:
    """Take a piece out."""
    content = bytearray(path.read_bytes())
    start, length = chance.randrange(len(content) + 1), chance.choice([1, 2, 8, 100, 4096])
    del content[start:start + length]
    path.write_bytes(content)
    return f"{length:,} bytes from {start:,} taken out"


def insert(path: Path, chance: Random, others: list[Path]) -> str:
    """Put bytes in."""
    content = bytearray(path.read_bytes())
    at = chance.choice([0, len(content), chance.randrange(len(content) + 1)])
    length = chance.choice([1, 7, 512, 10_000])
    content[at:at] = chance.randbytes(length) if chance.random() < 0.5 else bytes(length)
    path.write_bytes(content)
    return f"{length:,} bytes put in at {at:,}"


def replace(path: Path, chance: Random, others: list[Path]) -> str:
    """Let it be another file, or the beginning of one."""
    number = chance.randrange(len(BEGINNINGS) + len(others))
    if number < len(BEGINNINGS):
        path.write_bytes(BEGINNINGS[number])
        return f"is {BEGINNINGS[number][:20]!r}"
    path.write_bytes(others[number - len(BEGINNINGS)].read_bytes())
    return f"is a copy of {others[number - len(BEGINNINGS)].name}"


def place(path: Path, kind: str) -> str:
    """Let no file stand there, or something that is none."""
    content = path.read_bytes()
    path.unlink()
    match kind:
        case "a folder":
            path.mkdir()
        case "a link to nothing":
            path.symlink_to("nowhere")
        case "a link to itself":
            path.symlink_to(path.name)
        case "a link to another file":
            aside = path.with_name(path.name + ".moved")
            aside.write_bytes(content)
            path.symlink_to(aside.name)
        case "a link to an endless file":
            path.symlink_to("/dev/zero")
        case "a pipe":
            os.mkfifo(path)
        case "a file full of holes":
            path.write_bytes(content)
            os.truncate(path, 1 << 43)
    return f"is {kind}"
