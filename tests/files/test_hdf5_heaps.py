"""Strings and names lie in heaps, through which the HDF5 library walks for ever where they lead nowhere."""

import struct

import h5py
import numpy as np
import pytest

from probe.errors import UserError
from probe.files.hdf5 import Hdf5File
from probe.files.hdf5_heaps import check_heaps

NAMES = [f"name {number}" * 40 for number in range(200)]


def written(path, *, length_bytes=8, newest=False):
    """A file whose heaps are of every usual size: many strings, and a long one."""
    plan = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    plan.set_sizes(length_bytes, length_bytes)
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    if newest:
        access.set_libver_bounds(h5py.h5f.LIBVER_LATEST, h5py.h5f.LIBVER_LATEST)
    with h5py.File(h5py.h5f.create(str(path).encode(), h5py.h5f.ACC_TRUNC, plan, access)) as file:
        file.create_dataset("names", data=NAMES, dtype=h5py.string_dtype())
        file.attrs["names"] = NAMES[:20]
        if length_bytes > 2:
            file.attrs["long"] = "x" * 60_000
            file["numbers"] = np.arange(100_000.0)
    return path


@pytest.mark.parametrize("newest", [False, True])
@pytest.mark.parametrize("length_bytes", [4, 8])
def test_heaps_that_the_library_wrote_are_whole(tmp_path, length_bytes, newest):
    path = written(tmp_path / "a.h5", length_bytes=length_bytes, newest=newest)
    assert path.read_bytes().count(b"GCOL") > 1
    check_heaps(path)
    with Hdf5File(path) as file:
        assert file.names("", "names") == NAMES[:20]
        assert file.text("", "long") == "x" * 60_000


@pytest.mark.parametrize("length_bytes", [4, 8])
def test_an_object_without_a_length_is_refused_before_the_library_meets_it(tmp_path, length_bytes):
    path = written(tmp_path / "a.h5", length_bytes=length_bytes)
    content = bytearray(path.read_bytes())
    heap = content.index(b"GCOL")
    content[heap + 16:heap + 32] = bytes(16)
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"damaged: an object of its heap at {heap:,} has no length"):
        Hdf5File(path).__enter__()


def test_heaps_in_one_another_are_refused_in_no_time(tmp_path):
    """Each of thousands has the same tens of thousands of objects: a walk through all of them would take hours."""
    path, many = written(tmp_path / "a.h5"), 50_000
    heaps = [b"GCOL\x01\0\0\0" + struct.pack("<QHHIQ", 1 << 40, 1, 0, 0, 32 * (many - number - 1))
             for number in range(many)]
    with h5py.File(path, "a") as file:
        file["many"] = np.frombuffer(b"".join(heaps) + struct.pack("<HHIQ", 1, 0, 0, 0) * many, np.uint8)
    with pytest.raises(UserError, match="damaged: its heaps lie in one another"):
        check_heaps(path)


def test_a_heap_that_begins_between_two_blocks_is_found(tmp_path, monkeypatch):
    path = written(tmp_path / "a.h5")
    content = bytearray(path.read_bytes())
    heap = content.rindex(b"GCOL")
    content[heap + 16:heap + 32] = bytes(16)
    path.write_bytes(content)
    for block in range(heap - 1, heap + 9):
        monkeypatch.setattr("probe.files.hdf5_words.BLOCK", block)
        with pytest.raises(UserError, match="has no length"):
            check_heaps(path)


@pytest.mark.parametrize("length_bytes", [4, 8])
@pytest.mark.parametrize("place", [0, 8])
def test_free_blocks_that_lead_back_are_refused_before_the_library_meets_them(tmp_path, place, length_bytes):
    path = written(tmp_path / "a.h5", length_bytes=length_bytes)
    content = bytearray(path.read_bytes())
    heap = content.index(b"HEAP\0\0\0\0")
    size, _, data = (int.from_bytes(content[heap + 8 + length_bytes * word:][:length_bytes], "little")
                     for word in range(3))
    assert place < size
    content[heap + 8 + length_bytes:heap + 8 + 2 * length_bytes] = place.to_bytes(length_bytes, "little")
    content[data + place:data + place + length_bytes] = place.to_bytes(length_bytes, "little")
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"damaged: the free blocks of its heap at {heap:,} lead back to themselves"):
        Hdf5File(path).__enter__()
