"""Taking one file out of a zip archive, without trusting what the archive says."""

import lzma
import struct
import zipfile
import zlib
from pathlib import Path

from probe.errors import UserError
from probe.files.atomic import replace_file

BLOCK = 1 << 20
# What zipfile raises on damaged archives: names that are no UTF-8 are ValueErrors.
FAILURES = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, ValueError, RuntimeError,
            NotImplementedError, OverflowError, OSError)


def extract_member(archive: Path, member: str, path: Path, largest: int) -> None:
    """Write the file called ``member`` in the zip ``archive`` to ``path``, atomically.

    The archive's own names are never used as paths, and its sizes are not believed: writing stops at ``largest`` bytes.

    Raises:
        UserError: not a zip archive, damaged, encrypted, without that member, or larger than ``largest``.
    """
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(member) as source, replace_file(path) as target:
            left = largest
            while block := source.read(BLOCK):
                left -= len(block)
                if left < 0:
                    raise UserError(f"{archive}: {member} is larger than the {largest:,} bytes expected of it")
                target.write(block)
    except KeyError as error:
        raise UserError(f"{archive}: holds no file called {member}") from error
    except FAILURES as error:
        raise UserError(f"{archive}: not a readable zip archive: {error!s:.200}") from error
