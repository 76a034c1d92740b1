"""How long an HDF5 file says that it is, which its first bytes tell before the HDF5 library reads any."""

from pathlib import Path

from probe.errors import UserError
from probe.files.reading import iterate_bytes

SIGNATURE = b"\x89HDF\r\n\x1a\n"
# Where the addresses begin: of the base, of something else, and of the end, in this order; by version.
FIRST_ADDRESS = {0: 24, 1: 28, 2: 12, 3: 12}
# Where the bytes of an address are told, by version; those of a length come next.
ADDRESS_BYTES = {0: 13, 1: 13, 2: 9, 3: 9}
LONGEST_HEAD = 64
# Bytes that may come after the end.
MOST_BEHIND = 1 << 26


def checked_size(path: Path) -> int:
    """Return the bytes of an HDF5 file.

    Raises:
        UserError: it is missing, no file, not HDF5, or much longer than it says: it may be a terabyte of holes.
    """
    head = next(iterate_bytes(path, block=LONGEST_HEAD), b"")
    if not head.startswith(SIGNATURE):
        raise UserError(f"{path}: not an HDF5 file")
    size, extent = path.stat().st_size, extent_of(head)
    if extent is not None and size > extent + MOST_BEHIND:
        raise UserError(f"{path}: damaged: has {size:,} bytes, and says that it has {extent:,}")
    return size


def extent_of(head: bytes) -> int | None:
    """Return the number of bytes of a file; None if that cannot be told.

    Args:
        head: its first :data:`LONGEST_HEAD` bytes, as the HDF5 File Format Specification (version 3.0, II.A) lays out
            the superblock.
    """
    version = head[8] if len(head) > 8 else -1
    if version not in FIRST_ADDRESS or len(head) < LONGEST_HEAD:
        return None
    size = head[ADDRESS_BYTES[version]]
    end = FIRST_ADDRESS[version] + 2 * size
    return int.from_bytes(head[end:end + size], "little") if size in (2, 4, 8) else None
