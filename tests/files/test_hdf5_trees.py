"""A node of a tree that names itself, or one above it, would end the process in the HDF5 library."""

import struct

import h5py
import numpy as np
import pytest

from probe.errors import UserError
from probe.files.hdf5 import Hdf5File

NUMBERS = np.arange(24_000.0).reshape(400, 60)


@pytest.fixture
def path(tmp_path):
    """A file with a group of many members and arrays of many chunks, of one, two and three axes."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for number in range(600):
            file[f"many/{number}"] = np.arange(3.0)
        for rank, shape in enumerate([(24_000,), (400, 60), (400, 6, 10)], 1):
            file.create_dataset(f"rank {rank}", data=NUMBERS.reshape(shape), chunks=(3, *shape[1:]), fletcher32=True)
    return tmp_path / "a.h5"


def nodes(content):
    """Where nodes stand → their kind, level and entries."""
    found, at = {}, -1
    while (at := content.find(b"TREE", at + 1)) >= 0:
        found[at] = content[at + 4], content[at + 5], int.from_bytes(content[at + 6:at + 8], "little")
    return found


def test_trees_that_the_library_wrote_are_whole(path):
    levels = {level for _, level, _ in nodes(path.read_bytes()).values()}
    assert max(levels) >= 2
    with Hdf5File(path) as file:
        assert file.array("many/599").tolist() == [0, 1, 2]
        for rank in (1, 2, 3):
            assert np.array_equal(file.array(f"rank {rank}").ravel(), NUMBERS.ravel())


@pytest.mark.parametrize("kind", ["group", "array"])
@pytest.mark.parametrize("entry", ["first", "last"])
@pytest.mark.parametrize("target", ["itself", "above"])
def test_a_node_that_names_one_not_below_it_is_refused_before_the_library_meets_it(path, kind, entry, target):
    content = bytearray(path.read_bytes())
    wanted = [(at, level, used) for at, (what, level, used) in nodes(content).items()
              if level >= 1 and what == (kind == "array")]
    rank = 1  # the array of one axis has the most chunks, and so the highest tree
    key = 8 + 8 * (rank + 1) if kind == "array" else 8
    top = max(wanted, key=lambda node: node[1])
    at, _, used = top if target == "itself" or top[1] == 1 else min(
        (node for node in wanted if node[1] == top[1] - 1), key=lambda node: node[0])
    number = 0 if entry == "first" else used - 1
    place = at + 24 + key + number * (key + 8)
    content[place:place + 8] = struct.pack("<Q", top[0])
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"damaged: a node of a tree, at [0-9,]+, names one that is not below it"), \
            Hdf5File(path) as file:
        file.array("rank 1")
