"""Archives of arrays (``.npz``), written and read without holding them in memory, and without pickles."""

import math
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.files.archive import FAILURES as ARCHIVE_FAILURES
from probe.files.archive import extract_member
from probe.files.arrays import HEADER_FAILURES, open_array
from probe.files.atomic import replace_file

FAILURES = (*HEADER_FAILURES, *ARCHIVE_FAILURES)
SUFFIX = ".npy"
BLOCK = 1 << 20
MOST_MEMBERS = 10_000
# What recorded numbers are packed to at best, but for some that are all alike.
LARGEST_RATIO, ALWAYS_ACCEPTED = 64, 1 << 26


def write_npz(path: Path, parts: Mapping[str, Path]) -> None:
    """Replace ``path`` atomically by an archive of ``.npy`` files, not packed, so that it can be memory-mapped.

    Args:
        path: the archive.
        parts: name of an array → the file that holds it, which is removed once it is in the archive.

    Raises:
        UserError: the disk is full, or the place is not writable.
    """
    with replace_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, part in parts.items():
            # The same date for all, so that the same arrays give the same bytes.
            member = zipfile.ZipInfo(name + SUFFIX)
            member.file_size = part.stat().st_size
            with open(part, "rb") as source, archive.open(member, "w") as target:
                shutil.copyfileobj(source, target, BLOCK)
            part.unlink()


@contextmanager
def open_npz(path: Path) -> Iterator[dict[str, np.ndarray]]:
    """Give the arrays in the archive at ``path``, memory-mapped.

    Arrays that are packed are unfolded into a temporary folder, which goes when the ``with`` block ends.

    Raises:
        UserError: missing, no zip archive, damaged, or it holds something that is no array of numbers, or one that is
            larger than the archive can hold.
    """
    if not path.is_file():
        raise UserError(f"{path}: is a folder; a file is needed here" if path.is_dir() else f"{path}: no such file")
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
            members = archive.infolist()
        except ARCHIVE_FAILURES as error:
            raise UserError(f"{path}: not a readable .npz archive: {error!s:.120}") from error
        if len(members) > MOST_MEMBERS or len({member.filename for member in members}) < len(members):
            raise UserError(f"{path}: holds {len(members):,} members; at most {MOST_MEMBERS:,} of different names are "
                            "accepted")
        left = ALWAYS_ACCEPTED + LARGEST_RATIO * path.stat().st_size
        arrays = {}
        for number, member in enumerate(members):
            name = member.filename.removesuffix(SUFFIX)
            shape, dtype, fortran, header = _described(path, archive, member)
            left -= member.file_size
            if left < 0:
                raise UserError(f"{path}: {name:.100} unfolds to {member.file_size:,} bytes; at most {LARGEST_RATIO} "
                                "times what the archive has are accepted")
            if member.compress_type == zipfile.ZIP_STORED:
                arrays[name] = _mapped(path, member, shape, dtype, fortran, header)
            else:
                aside = Path(stack.enter_context(tempfile.TemporaryDirectory(
                    prefix="probe-npz-", ignore_cleanup_errors=True))) / f"{number}.npy"
                extract_member(path, member.filename, aside, member.file_size)
                arrays[name] = open_array(aside)
        yield arrays


def _described(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[tuple[int, ...], Any, bool, int]:
    """Read the header of a member: shape, dtype, whether columns lie together, and the header's own bytes."""
    where = f"{path}: {member.filename:.100}"
    try:
        with archive.open(member) as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(file)
            header = file.tell()
    except FAILURES as error:
        raise UserError(f"{where}: not a readable array: {error!s:.120}") from error
    if dtype.hasobject:
        raise UserError(f"{where}: holds pickled objects, which could run code; arrays of numbers are accepted")
    if any(not isinstance(size, int) or not 0 <= size < 1 << 63 for size in shape):
        raise UserError(f"{where}: declares a shape that no array has")
    if header + math.prod(shape) * dtype.itemsize != member.file_size:
        raise UserError(f"{where}: declares the shape {shape!s:.200} of {dtype}, which its {member.file_size:,} bytes "
                        "do not hold")
    return shape, dtype, fortran, header


def _mapped(path: Path, member: zipfile.ZipInfo, shape: tuple[int, ...], dtype: Any, fortran: bool,
            header: int) -> np.ndarray:
    """Map an array that lies in the archive as it is."""
    if math.prod(shape) == 0:
        return np.empty(shape, dtype)
    try:
        with open(path, "rb") as file:
            file.seek(member.header_offset)
            local = file.read(30)
            # The lengths of name and extra field in the local header, which may differ from those in the directory.
            name, extra = struct.unpack("<HH", local[26:30])
        offset = member.header_offset + 30 + name + extra + header
        return np.memmap(path, dtype, "r", offset, shape, "F" if fortran else "C")
    except FAILURES as error:
        raise UserError(f"{path}: {member.filename:.100}: not a readable array: {error!s:.120}") from error
