"""HDF5 files of strangers: plain numbers come out, everything else is refused in one line before it does harm."""

import tracemalloc
import zlib

import h5py
import numpy as np
import pytest

from probe.errors import UserError
from probe.files.hdf5 import Hdf5File

WEIGHTS = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def path(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["layer/kernel:0"] = WEIGHTS
        file.attrs["bytes"] = [b"one", b"two\xc3\xa9"]
        file.attrs["str"] = ["one", "twoé"]
        file.attrs["none"] = np.array([], np.float64)
        file.attrs["text"] = "2.2.4"
        file.attrs["text_bytes"] = np.bytes_(b"2.2.4")
        for number in range(3):
            file.attrs[f"divided{number}"] = [f"{number}a".encode(), f"{number}b".encode()]
    return tmp_path / "a.h5"


def change(path, write):
    with h5py.File(path, "a") as file:
        write(file)


def refused(path, place, reason, largest=1 << 30):
    with Hdf5File(path, largest=largest) as file, pytest.raises(UserError) as raised:
        file.array(place)
    message = str(raised.value)
    assert reason in message
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def test_arrays_and_attributes_as_keras_wrote_them(path):
    with Hdf5File(path) as file:
        array = file.array("layer/kernel:0")
        np.testing.assert_array_equal(array, WEIGHTS)
        assert array.dtype == np.float32
        assert file.names("", "bytes") == file.names("", "str") == ["one", "twoé"]
        assert file.names("", "none") == []
        assert file.names("", "divided") == ["0a", "0b", "1a", "1b", "2a", "2b"]
        assert file.names("", "missing") is None
        assert file.text("", "text") == file.text("", "text_bytes") == "2.2.4"
        assert file.text("layer", "text") is None
        assert "layer" in file
        assert "other" not in file


@pytest.mark.parametrize("dtype", ["<f2", "<f4", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize("packing", [{}, {"compression": "gzip", "shuffle": True}, {"chunks": (1, 3)},
                                     {"shuffle": True}, {"chunks": (2, 2), "compression": "gzip"}])
def test_floats_of_any_byte_order_and_gzip_are_read(path, dtype, packing):
    change(path, lambda file: file.create_dataset("other", data=WEIGHTS.astype(dtype), **packing))
    with Hdf5File(path) as file:
        array = file.array("other")
    assert array.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_array_equal(array, WEIGHTS)


def test_zeros_that_gzip_well_are_still_weights(path):
    change(path, lambda file: file.create_dataset("bias", data=np.zeros(8192, np.float32), compression="gzip"))
    with Hdf5File(path) as file:
        assert file.array("bias").shape == (8192,)


@pytest.mark.parametrize("place", ["soft", "soft/kernel:0", "outside", "outside/kernel:0", "layer/inner/kernel:0"])
def test_links_are_refused_wherever_they_stand_in_a_path(path, place, tmp_path):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["layer/kernel:0"] = WEIGHTS

    def link(file):
        file["soft"] = h5py.SoftLink("/layer")
        file["outside"] = h5py.ExternalLink(str(secret), "/layer")
        file["layer/inner"] = h5py.ExternalLink(str(secret), "/layer")

    change(path, link)
    refused(path, place, "links are refused")
    with Hdf5File(path) as file, pytest.raises(UserError, match="links are refused"):
        file.names(place, "weight_names")


def test_numbers_of_other_files_are_refused(path, tmp_path):
    secret = tmp_path / "passwords"
    secret.write_bytes(b"0" * 64)
    layout = h5py.VirtualLayout((2, 3), np.float32)
    layout[:] = h5py.VirtualSource(str(path), "layer/kernel:0", (2, 3))
    change(path, lambda file: file.create_virtual_dataset("virtual", layout))
    change(path, lambda file: file.create_dataset("external", (16,), "f4", external=[(str(secret), 0, 64)]))
    refused(path, "virtual", "virtual dataset")
    refused(path, "external", "external file")


def test_a_kilobyte_that_declares_terabytes_is_refused_before_memory_is_asked_for(path):
    change(path, lambda file: file.create_dataset("huge", (1 << 21, 1 << 21), "f4"))
    change(path, lambda file: file.create_dataset("chunked", (1 << 20, 1 << 20), "f4", chunks=(64, 64),
                                                  compression="gzip"))
    change(path, lambda file: file.create_dataset("tall", (1,), "f4", chunks=(1 << 28,), maxshape=(None,)))
    for place in ("huge", "chunked", "tall"):
        assert "of which the file holds 0" in refused(path, place, "declares the shape")


def test_a_bomb_of_zeros_is_refused(path):
    change(path, lambda file: file.create_dataset("bomb", (1 << 24,), "f4", chunks=(1 << 22,), compression="gzip",
                                                  data=np.zeros(1 << 24, np.float32)))
    assert path.stat().st_size < 1 << 18
    refused(path, "bomb", "declares the shape 16,777,216")


def test_the_same_array_under_many_names_counts_each_time(path):
    with Hdf5File(path, largest=2 * WEIGHTS.nbytes) as file:
        file.array("layer/kernel:0")
        file.array("layer/kernel:0")
        with pytest.raises(UserError, match="more than 48 bytes of arrays in all"):
            file.array("layer/kernel:0")


def test_the_same_array_is_not_read_beyond_what_a_file_of_its_size_can_hold(path):
    change(path, lambda file: file.create_dataset("large", data=np.random.default_rng(0).normal(size=1 << 20)))
    size = path.stat().st_size
    with Hdf5File(path) as file:
        for _ in range(((1 << 26) + 64 * size) // (8 << 20)):
            file.array("large")
        with pytest.raises(UserError, match=r"bytes of arrays in all"):
            file.array("large")


def test_random_numbers_that_gzip_leaves_as_they_are_are_read(path):
    """HDF5 skips a filter that does not shrink a chunk, and says so in the chunk's mask."""
    numbers = np.random.default_rng(0).integers(0, 1 << 14, 4096).astype("<u2").view("<f2")
    change(path, lambda file: file.create_dataset("random", data=numbers, compression="gzip", chunks=(16,)))
    with Hdf5File(path) as file:
        np.testing.assert_array_equal(file.array("random"), numbers)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_an_array_of_nothing_is_refused(path, shape):
    change(path, lambda file: file.create_dataset("nothing", shape, "f4"))
    refused(path, "nothing", "nothing: is empty")


@pytest.mark.parametrize("raw", [zlib.compress(bytes(1 << 26)), zlib.compress(bytes(7)), zlib.compress(bytes(8))[:-6],
                                 bytes(8)])
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_chunk_that_unfolds_to_anything_but_its_size_is_refused(path, raw, shuffle):
    """The chunk's declared size says nothing: HDF5 itself would unfold 64 MiB where 8 bytes are due."""
    def write(file):
        dataset = file.create_dataset("bomb", (2,), "f4", chunks=(2,), compression="gzip", shuffle=shuffle)
        dataset.id.write_direct_chunk((0,), raw)

    change(path, write)
    tracemalloc.start()
    try:
        refused(path, "bomb", "bomb: ")
        assert tracemalloc.get_traced_memory()[1] < 1 << 22
    finally:
        tracemalloc.stop()


def test_a_chunk_of_fewer_bytes_that_no_filter_is_to_touch_is_refused(path):
    def write(file):
        for name, packing in (("packed", {"compression": "gzip"}), ("shuffled", {"shuffle": True})):
            dataset = file.create_dataset(name, (2,), "f4", chunks=(2,), **packing)
            dataset.id.write_direct_chunk((0,), bytes(4), filter_mask=1)

    change(path, write)
    refused(path, "packed", "does not unfold to its 8 bytes")
    refused(path, "shuffled", "of which the file holds 4")


def test_gzip_before_another_filter_is_refused(path):
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((4,))
    creation.set_deflate(4)
    creation.set_shuffle()
    with h5py.File(path, "a") as file:
        h5py.h5d.create(file.id, b"turned", h5py.h5t.NATIVE_FLOAT, h5py.h5s.create_simple((4,)), creation)
    refused(path, "turned", "filters gzip, shuffle; accepted are")


@pytest.mark.parametrize("data", [
    np.arange(3), np.array([True]), np.array(["a"], h5py.string_dtype()), np.array([1 + 2j]),
    np.zeros(2, [("a", "f4")]), np.zeros(2, np.longdouble)])
def test_what_is_not_plain_floats_is_refused(path, data):
    change(path, lambda file: file.create_dataset("odd", data=data))
    refused(path, "odd", "where floats of 16, 32 or 64 bits are needed")


def test_references_and_arrays_of_variable_length_are_refused(path):
    change(path, lambda file: file.create_dataset("lengths", (2,), h5py.vlen_dtype(np.float32)))
    change(path, lambda file: file.create_dataset("references", (2,), h5py.ref_dtype))
    for place in ("lengths", "references"):
        refused(path, place, "floats")


@pytest.mark.parametrize("packing", [{"compression": "lzf"}, {"scaleoffset": 2}])
def test_filters_beside_gzip_shuffle_and_fletcher32_are_refused(path, packing):
    change(path, lambda file: file.create_dataset("packed", data=np.ones((4, 4), np.float32), chunks=(4, 4), **packing))
    refused(path, "packed", "accepted are none, gzip")


def test_a_filter_of_a_plugin_is_refused_by_its_number(path):
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((4,))
    creation.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
    with h5py.File(path, "a") as file:
        space = h5py.h5s.create_simple((4,))
        h5py.h5d.create(file.id, b"plugin", h5py.h5t.NATIVE_FLOAT, space, creation)
    refused(path, "plugin", "32015")


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(path, number):
    change(path, lambda file: file.create_dataset("broken", data=np.array([1, number], np.float32)))
    refused(path, "broken", "not finite")


@pytest.mark.parametrize("place", ["layer", "missing", "layer/missing", "layer/kernel:0/x", "../a", "layer/./kernel:0",
                                   "/layer/kernel:0", "layer//kernel:0", "a\0b", "/".join("a" * 40)])
def test_places_that_are_no_dataset_are_refused(path, place):
    with Hdf5File(path) as file, pytest.raises(UserError, match=r"a\.h5: "):
        file.array(place)


def test_a_group_that_holds_itself_is_no_way_round(path):
    change(path, lambda file: file["layer"].__setitem__("again", file["layer"]))
    with Hdf5File(path) as file:
        np.testing.assert_array_equal(file.array("layer/again/again/kernel:0"), WEIGHTS)
        with pytest.raises(UserError, match="at most 32 groups deep"):
            file.array("layer/" + "again/" * 40 + "kernel:0")


@pytest.mark.parametrize("value", [3.5, [1, 2], [[b"a"], [b"b"]], np.bytes_(b"\xff\xfe")])
def test_attributes_that_are_no_strings_are_refused(path, value):
    change(path, lambda file: file.attrs.__setitem__("odd", value))
    with Hdf5File(path) as file:
        for read in (file.names, file.text):
            with pytest.raises(UserError, match="its attribute odd"):
                read("", "odd")


def test_strings_inside_other_types_are_refused_before_they_are_read(path, monkeypatch):
    """16 bytes an entry, each of which may stand for a string as long as the file."""
    text = h5py.string_dtype()
    change(path, lambda file: file.attrs.create("compound", np.array([("x" * 99,)] * 9, [("a", text)])))
    change(path, lambda file: file.attrs.create("array", np.array(["x" * 99] * 9, object),
                                                dtype=np.dtype((text, (9,)))))
    lists = np.empty(2, object)
    lists[:] = [np.zeros(3, np.int8), np.zeros(2, np.int8)]
    change(path, lambda file: file.attrs.create("lists", lists, dtype=h5py.vlen_dtype(np.int8)))
    monkeypatch.setattr(h5py.AttributeManager, "__getitem__", None)
    with Hdf5File(path) as file:
        for name in ("compound", "array", "lists"):
            with pytest.raises(UserError, match=f"its attribute {name} holds no strings"):
                file.names("", name)


def test_a_text_too_long_is_refused(path, monkeypatch):
    monkeypatch.setattr("probe.files.hdf5.LARGEST_ATTRIBUTE", 1000)
    change(path, lambda file: file.attrs.__setitem__("long", "x" * 1001))
    with Hdf5File(path) as file, pytest.raises(UserError, match="1,001 characters; at most 1,000"):
        file.text("", "long")


def test_many_references_to_one_long_string_are_refused(path):
    change(path, lambda file: file.attrs.__setitem__("many", np.array(["x" * 4000] * 4000, h5py.string_dtype())))
    with Hdf5File(path) as file, pytest.raises(UserError, match="is too much"):
        file.names("", "many")


def test_what_is_no_hdf5_is_refused(path, tmp_path):
    raw = path.read_bytes()
    for content in (b"", b"PK\x03\x04" + raw, b"text", raw[:8]):
        (tmp_path / "b.h5").write_bytes(content)
        with pytest.raises(UserError, match=r"b\.h5: "), Hdf5File(tmp_path / "b.h5"):
            pass
    for place, reason in ((tmp_path / "none.h5", "no such file"), (tmp_path, "folder")):
        with pytest.raises(UserError, match=reason), Hdf5File(place):
            pass


def test_no_truncation_and_no_changed_byte_ends_in_anything_but_an_answer_or_a_refusal(tmp_path):
    # Strings of fixed length, as Keras names weights: a damaged heap of variable ones can hang the HDF5 library itself.
    path, damaged_path = tmp_path / "a.h5", tmp_path / "b.h5"
    with h5py.File(path, "w") as file:
        file["layer/kernel:0"] = WEIGHTS
        file.attrs["names"] = np.array([b"one", b"two"])
    raw = path.read_bytes()
    generator = np.random.default_rng(0)
    damaged = [raw[:int(length)] for length in np.linspace(9, len(raw) - 1, 40)]
    for _ in range(300):
        changed = bytearray(raw)
        changed[int(generator.integers(8, len(raw)))] = int(generator.integers(256))
        damaged.append(bytes(changed))
    refusals = []
    for content in damaged:
        damaged_path.write_bytes(content)
        try:
            with Hdf5File(damaged_path) as file:
                file.names("", "names")
                file.array("layer/kernel:0")
        except UserError as error:
            refusals.append(str(error))
    assert len(refusals) >= 40
    assert all(refusal.startswith(f"{damaged_path}: ") for refusal in refusals)
