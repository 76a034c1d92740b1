"""Large HDF5 files, filled row by row, and disks that do not take them."""

import errno

import h5py
import numpy as np
import pytest

from probe.errors import UserError
from probe.files import hdf5_writing
from probe.files.hdf5_writing import Hdf5Writer

ARRAYS = {"states/1": ((50, 4), np.float32), "words": ((50,), np.int32)}


def write(path):
    values = np.arange(200, dtype=np.float32).reshape(50, 4)
    with Hdf5Writer(path, ARRAYS) as file:
        for start in (30, 0, 10, 20, 40):
            file.write("states/1", start, values[start:start + 10])
            file.write("words", start, np.arange(start, start + 10))
    return values


def test_rows_arrive_in_any_order(tmp_path):
    values = write(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5") as file:
        np.testing.assert_array_equal(file["states/1"][()], values)
        np.testing.assert_array_equal(file["words"][()], np.arange(50))
        assert file["words"].dtype == np.int32 and file["words"].chunks is None


class Full:
    """A file on a disk that has room for so many bytes."""

    def __init__(self, file, room):
        self._file, self.room = file, room

    def write(self, content):
        taken = min(len(content), self.room)
        self.room -= taken
        if not taken:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(content[:taken])

    def __getattr__(self, name):
        return getattr(self._file, name)


def test_a_disk_that_is_full_at_whatever_byte_is_told_in_a_line(tmp_path, monkeypatch):
    write(tmp_path / "whole.h5")
    size = (tmp_path / "whole.h5").stat().st_size
    disk = hdf5_writing._Disk
    for room in range(0, size, 97):
        monkeypatch.setattr(hdf5_writing, "_Disk", lambda file, room=room: disk(Full(file, room)))
        with pytest.raises(UserError, match=f"{room}.h5: cannot write: No space left on device"):
            write(tmp_path / f"{room}.h5")


def test_an_error_inside_is_the_one_that_is_told(tmp_path):
    with pytest.raises(ZeroDivisionError), Hdf5Writer(tmp_path / "a.h5", ARRAYS):
        raise ZeroDivisionError


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    (tmp_path / "a.h5").write_text("mine")
    with pytest.raises(UserError, match=r"a.h5: cannot write: File exists"):
        write(tmp_path / "a.h5")
    assert (tmp_path / "a.h5").read_text() == "mine"
