import hashlib
import json
import struct

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from probe.errors import UserError
from probe.files import read_bundle, write_bundle


@given(st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(lambda name: name != "__metadata__"),
    hnp.arrays(st.sampled_from(["u1", "i8", "<f4", ">f4", "f8", "f2", "?"]), hnp.array_shapes(min_dims=0, min_side=0)),
    max_size=4,
))
def test_round_trip_of_any_shape_and_byte_order(tmp_path_factory, arrays):
    path = tmp_path_factory.mktemp("bundle") / "a.safetensors"
    sha256 = write_bundle(path, arrays)
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    read = read_bundle(path, sha256)
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        assert read[name].shape == array.shape
        assert read[name].dtype == array.dtype.newbyteorder("=")
        np.testing.assert_array_equal(read[name], array)


def test_scalars_and_columns_keep_their_shape(tmp_path):
    columns = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    arrays = {"step": np.array(7), "columns": columns, "part": columns[:, ::2]}
    read = read_bundle(tmp_path / "a", write_bundle(tmp_path / "a", arrays))
    assert read["step"].shape == ()
    for name, array in arrays.items():
        assert read[name].tolist() == array.tolist()


@pytest.mark.parametrize("array", [np.zeros(2, ml_dtypes.bfloat16), np.array([{}], object), np.array(["a"])])
def test_what_could_not_be_read_back_is_not_written(tmp_path, array):
    with pytest.raises(TypeError, match="weights: a bundle cannot hold"):
        write_bundle(tmp_path / "a", {"weights": array})
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("place", [0, 20, -1])
def test_any_changed_byte_is_noticed(tmp_path, place):
    sha256 = write_bundle(tmp_path / "a", {"weights": np.arange(5.0)})
    raw = bytearray((tmp_path / "a").read_bytes())
    raw[place] ^= 1
    (tmp_path / "a").write_bytes(raw)
    with pytest.raises(UserError, match="a: damaged"):
        read_bundle(tmp_path / "a", sha256)


def test_a_truncated_a_missing_and_a_foreign_file_are_refused(tmp_path):
    sha256 = write_bundle(tmp_path / "a", {"weights": np.arange(5.0)})
    (tmp_path / "a").write_bytes((tmp_path / "a").read_bytes()[:-3])
    with pytest.raises(UserError, match="damaged"):
        read_bundle(tmp_path / "a", sha256)
    with pytest.raises(UserError, match="no such file"):
        read_bundle(tmp_path / "b", sha256)
    for foreign in (b"", b"not a bundle", b"\xff" * 64, (8).to_bytes(8, "little") + b'{"a": 1}'):
        (tmp_path / "c").write_bytes(foreign)
        with pytest.raises(UserError, match="not a bundle of arrays"):
            read_bundle(tmp_path / "c", hashlib.sha256(foreign).hexdigest())


def test_a_header_that_says_nonsense_is_told_in_a_few_words(tmp_path):
    header = json.dumps("x" * 5_000).encode()
    content = struct.pack("<Q", len(header)) + header
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(UserError, match=r"not a bundle of arrays: .{20,120}$"):
        read_bundle(tmp_path / "a", hashlib.sha256(content).hexdigest())
