"""Changes to zip archives: their members, and what the archive says of these."""

import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

NAMES = ("../../escaped.txt", "/escaped.txt", "..\\escaped", "a/../../escaped", "x" * 5000, "\x1b[2J", "", ".", "con",
         "a\0b", "weights.npy", "model.weights.h5/x", "config.json ", "../secret.txt.npy")


def edit_zip(path: Path, chance: Random, edit_member: Callable[[Path, Random], str]) -> str:
    """Change a member, by what its own kind of file offers, or the directory of an archive.

    Args:
        path: the archive.
        chance: draws what is changed.
        edit_member: changes the file of a member and says how.
    """
    with zipfile.ZipFile(path) as archive:
        members = [(each.filename, archive.read(each), each.compress_type) for each in archive.infolist()]
    which = chance.randrange(len(members))
    name, content, packing = members[which]
    kind = chance.choices(["member", "name", "gone", "twice", "bomb", "more", "packing", "fields", "comment", "many"],
                          [10, 2, 1, 1, 1, 1, 1, 4, 1, 0.3])[0]
    told = kind
    match kind:
        case "member":
            aside = path.with_name("member" + Path(name).suffix)
            aside.write_bytes(content)
            told = edit_member(aside, chance)
            content = aside.read_bytes() if aside.is_file() else b""
            aside.unlink(missing_ok=True)
            members[which] = name, content, packing
        case "name":
            members[which] = chance.choice(NAMES), content, packing
        case "gone":
            del members[which]
        case "twice":
            members.append((name, chance.choice(members)[1], packing))
        case "bomb":
            members[which] = name, bytes(1 << chance.choice([20, 27])), zipfile.ZIP_DEFLATED
        case "more":
            members += [(other, b"x", packing) for other in NAMES[:8] if other]
        case "packing":
            packing = chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
            members = [(each, raw, packing) for each, raw, _ in members]
        case "many":
            members += [(f"m{number}.npy", b"", packing) for number in range(11_000)]
    raw = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(raw, "w") as archive:
        warnings.simplefilter("ignore")  # a name twice is meant
        for each, inside, how in members:
            archive.writestr(zipfile.ZipInfo(each), inside, how)
        if kind == "comment":
            archive.comment = chance.randbytes(chance.choice([1, 1000, 65_535]))
    made = bytearray(raw.getvalue())
    if kind == "fields":
        told = _field(made, chance)
    path.write_bytes(made)
    return f"{name[:30]}: {told}"


def _field(made: bytearray, chance: Random) -> str:
    """Change a number of the directory or of a member's own header."""
    signature, offsets = chance.choice([
        (b"PK\x01\x02", {4: "H", 6: "H", 8: "H", 10: "H", 16: "I", 20: "I", 24: "I", 28: "H", 30: "H", 32: "H", 38: "I",
                         42: "I"}),
        (b"PK\x03\x04", {4: "H", 6: "H", 8: "H", 14: "I", 18: "I", 22: "I", 26: "H", 28: "H"}),
        (b"PK\x05\x06", {4: "H", 6: "H", 8: "H", 10: "H", 12: "I", 16: "I", 20: "H"})])
    places = [at for at in range(len(made)) if made.startswith(signature, at)] if len(made) < 1 << 22 else []
    if not places:
        return "nothing"
    at, offset = chance.choice(places), chance.choice(list(offsets))
    number = chance.choice([0, 1, 9, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF])
    number &= 0xFFFF if offsets[offset] == "H" else ~0
    made[at + offset:at + offset + struct.calcsize(offsets[offset])] = struct.pack(
        "<" + offsets[offset], number)
    return f"the field at {offset} of {signature!r} is {number:#x}"
