"""What the HDF5 format can do to those who follow it: links, numbers that lie elsewhere, and sizes that are untrue.

Each trick takes an open file, the place of an array in it, and a path outside at which it may write another file.
"""

import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

Trick = Callable[[h5py.File, str, Path], None]


def without(trick: Callable[[h5py.File, str, np.ndarray, Path], None]) -> Trick:
    """Let a trick take the place of an array, which it is given."""

    def change(file: h5py.File, place: str, outside: Path) -> None:
        array = file[place][()]
        del file[place]
        trick(file, place, array, outside)

    change.__name__ = trick.__name__
    return change


@without
def link_to_another_place(file, place, array, outside):
    file["elsewhere"] = array
    file[place] = h5py.SoftLink("/elsewhere")


@without
def link_to_itself(file, place, array, outside):
    file[place] = h5py.SoftLink(f"/{place}")


@without
def links_in_a_circle(file, place, array, outside):
    file["round"] = h5py.SoftLink(f"/{place}")
    file[place] = h5py.SoftLink("/round")


@without
def link_into_another_file(file, place, array, outside):
    with h5py.File(outside, "w") as other:
        other["x"] = array
    file[place] = h5py.ExternalLink(str(outside), "/x")


@without
def link_to_its_own_file(file, place, array, outside):
    file["elsewhere"] = array
    file[place] = h5py.ExternalLink("a.h5", "/elsewhere")


@without
def numbers_in_another_file(file, place, array, outside):
    outside.write_bytes(array.tobytes())
    file.create_dataset(place, array.shape, array.dtype, external=[(str(outside), 0, array.nbytes)])


@without
def virtual_numbers(file, place, array, outside):
    with h5py.File(outside, "w") as other:
        other["x"] = array
    layout = h5py.VirtualLayout(array.shape, array.dtype)
    layout[...] = h5py.VirtualSource(str(outside), "x", array.shape)
    file.create_virtual_dataset(place, layout)


@without
def virtual_numbers_of_its_own(file, place, array, outside):
    file["elsewhere"] = array
    layout = h5py.VirtualLayout(array.shape, array.dtype)
    layout[...] = h5py.VirtualSource(".", "elsewhere", array.shape)
    file.create_virtual_dataset(place, layout)


@without
def seventeen_terabytes(file, place, array, outside):
    file.create_dataset(place, (1 << 21, 1 << 21), "f4", chunks=(1024, 1024))


@without
def more_than_any_number(file, place, array, outside):
    file.create_dataset(place, (1 << 62, 1 << 62), array.dtype, chunks=(1, 1))


@without
def chunks_of_gigabytes(file, place, array, outside):
    file.create_dataset(place, array.shape, array.dtype, chunks=(1 << 26, *[1] * (array.ndim - 1)),
                        maxshape=(None,) * array.ndim)


@without
def bomb(file, place, array, outside):
    made = file.create_dataset(place, array.shape, array.dtype, chunks=array.shape, compression="gzip")
    made.id.write_direct_chunk((0,) * array.ndim, zlib.compress(bytes(1 << 25)))


@without
def references(file, place, array, outside):
    made = file.create_dataset(place, array.shape, h5py.ref_dtype)
    made[(0,) * array.ndim] = file.ref


@without
def references_to_regions(file, place, array, outside):
    file["elsewhere"] = array
    made = file.create_dataset(place, array.shape, h5py.regionref_dtype)
    made[(0,) * array.ndim] = file["elsewhere"].regionref[:1]


@without
def lists_of_any_length(file, place, array, outside):
    file.create_dataset(place, array.shape, h5py.vlen_dtype(np.float32))


@without
def records(file, place, array, outside):
    file.create_dataset(place, array.shape, [("a", array.dtype), ("b", "S9")])


@without
def texts(file, place, array, outside):
    file.create_dataset(place, data=np.full(array.shape, "x", object), dtype=h5py.string_dtype())


@without
def complex_numbers(file, place, array, outside):
    file[place] = array.astype(np.complex64)


@without
def a_type_alone(file, place, array, outside):
    file[place] = array.dtype


@without
def nothing_at_all(file, place, array, outside):
    file[place] = h5py.Empty(array.dtype)


@without
def no_rows(file, place, array, outside):
    file.create_dataset(place, (0, *array.shape[1:]), array.dtype)


@without
def another_rank(file, place, array, outside):
    file[place] = array[np.newaxis]


@without
def a_filter_of_a_plugin(file, place, array, outside):
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk(array.shape)
    creation.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
    h5py.h5d.create(file.id, place.encode(), h5py.h5t.py_create(array.dtype), h5py.h5s.create_simple(array.shape),
                    creation)


@without
def deep_groups(file, place, array, outside):
    file[f"{place}/" + "g/" * 500 + "x"] = array


@without
def a_thousand_links(file, place, array, outside):
    group = file.create_group(place)
    for number in range(1000):
        group[str(number)] = h5py.SoftLink("/")


@without
def the_root_again(file, place, array, outside):
    file[place] = file["/"]


def group_that_is_a_link(file, place, outside):
    parent = place.rpartition("/")[0] or place
    file.move(parent, "elsewhere")
    file[parent] = h5py.SoftLink("/elsewhere")


def group_of_another_file(file, place, outside):
    parent = place.rpartition("/")[0] or place
    with h5py.File(outside, "w") as other:
        file.copy(parent, other, "x")
    del file[parent]
    file[parent] = h5py.ExternalLink(str(outside), "/x")


TRICKS: list[Trick] = [
    link_to_another_place, link_to_itself, links_in_a_circle, link_into_another_file, link_to_its_own_file,
    numbers_in_another_file, virtual_numbers, virtual_numbers_of_its_own, seventeen_terabytes, more_than_any_number,
    chunks_of_gigabytes, bomb, references, references_to_regions, lists_of_any_length, records, texts, complex_numbers,
    a_type_alone, nothing_at_all, no_rows, another_rank, a_filter_of_a_plugin, deep_groups, a_thousand_links,
    the_root_again, group_that_is_a_link, group_of_another_file]
