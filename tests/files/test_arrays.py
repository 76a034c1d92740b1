import errno

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UserError
from probe.files import ArrayWriter, open_array

DTYPES = [np.uint8, np.uint16, np.uint32, np.int64, np.float32, np.bool_]


@given(st.sampled_from(DTYPES), st.lists(st.lists(st.integers(0, 1), max_size=30), max_size=5))
def test_what_is_written_in_blocks_numpy_reads_as_one_array(tmp_path_factory, dtype, blocks):
    path = tmp_path_factory.mktemp("arrays") / "a.npy"
    with ArrayWriter(path, np.dtype(dtype)) as writer:
        for block in blocks:
            writer.write(np.array(block, dtype))
    expected = np.concatenate([np.array(block, dtype) for block in [[], *blocks]])
    for array in (np.load(path, allow_pickle=False), open_array(path)):
        assert array.dtype == dtype
        assert array.tolist() == expected.tolist()


def test_blocks_are_cast_and_may_be_strided(tmp_path):
    with ArrayWriter(tmp_path / "a.npy", np.dtype(np.uint8)) as writer:
        writer.write(np.arange(10, dtype=np.int64)[::2])
    assert np.load(tmp_path / "a.npy").tolist() == [0, 2, 4, 6, 8]


def test_the_data_begin_where_a_map_likes_them(tmp_path):
    with ArrayWriter(tmp_path / "a.npy", np.dtype(np.uint16)) as writer:
        writer.write(np.arange(3))
    assert (tmp_path / "a.npy").read_bytes()[128:] == np.arange(3, dtype="<u2").tobytes()
    assert isinstance(open_array(tmp_path / "a.npy"), np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        open_array(tmp_path / "a.npy")[0] = 1


@pytest.mark.parametrize("failing_write", [1, 2, 3])
def test_a_full_disk_leaves_the_old_array_and_nothing_aside(tmp_path, failing_write):
    path = tmp_path / "a.npy"
    with ArrayWriter(path, np.dtype(np.uint8)) as writer:
        writer.write(np.arange(3))
    with pytest.raises(UserError, match=r"a\.npy: cannot write: No space left"):
        write_to_full_disk(path, failing_write)
    assert np.load(path).tolist() == [0, 1, 2]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.npy"]


def write_to_full_disk(path, failing_write):
    with ArrayWriter(path, np.dtype(np.uint8)) as writer:
        writer._file = FullDisk(writer._file, failing_write)
        writer.write(np.arange(5))
        writer.write(np.arange(5))


class FullDisk:
    """A file whose n-th write fails."""

    def __init__(self, file, failing_write):
        self.file, self.left = file, failing_write

    def write(self, content):
        self.left -= 1
        if self.left == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.file.write(content)

    def seek(self, place):
        return self.file.seek(place)


def test_of_a_damaged_header_a_little_is_quoted(tmp_path):
    header = b"{'descr': 'x" + b"y" * 5000 + b"', 'fortran_order': False, 'shape': (3,), }\n"
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(UserError, match="not a readable array") as raised:
        open_array(tmp_path / "a.npy")
    assert len(str(raised.value)) < 200 + len(str(tmp_path))


def test_what_is_no_array_is_refused(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        open_array(tmp_path / "missing.npy")
    np.save(tmp_path / "pickled.npy", np.array([{}], object))
    np.savez(tmp_path / "several.npz", a=np.arange(3))
    np.save(tmp_path / "short.npy", np.arange(100))
    (tmp_path / "short.npy").write_bytes((tmp_path / "short.npy").read_bytes()[:-1])
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "text.npy").write_text("a text")
    for name in ("pickled.npy", "several.npz", "short.npy", "empty.npy", "text.npy"):
        with pytest.raises(UserError, match=f"{name}: not a readable array"):
            open_array(tmp_path / name)
    with pytest.raises(UserError):
        open_array(tmp_path)


@given(st.integers(0, 127), st.binary(min_size=1, max_size=6))
def test_a_damaged_header_is_refused_or_harmless(tmp_path_factory, place, damage):
    path = tmp_path_factory.mktemp("damaged") / "a.npy"
    with ArrayWriter(path, np.dtype(np.uint16)) as writer:
        writer.write(np.arange(20))
    raw = bytearray(path.read_bytes())
    raw[place:place + len(damage)] = damage
    path.write_bytes(raw)
    try:
        array = open_array(path)
    except UserError:
        return
    assert array.nbytes <= len(raw)
