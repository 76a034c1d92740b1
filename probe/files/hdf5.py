"""The one place that opens HDF5 files of strangers.

HDF5 can name other files (external links, external and virtual datasets), load code (filter plugins), and declare
arrays of terabytes in a kilobyte. What is read here is looked at first and read only if it is plain numbers that this
very file holds.
"""

import math
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import h5py
import numpy as np

from probe.errors import UserError
from probe.files.hdf5_extent import checked_size
from probe.files.hdf5_heaps import check_heaps
from probe.files.hdf5_trees import Trees

DEEPEST, LARGEST_NAMES = 32, 100_000
# Trained weights hardly shrink; biases of zeros shrink much, and are small.
LARGEST_RATIO, ALWAYS_ACCEPTED, ALWAYS_IN_ALL = 64, 1 << 20, 1 << 26
LARGEST_ATTRIBUTE = 1 << 26
# Of strings of variable length, whose lengths are not known before they are read, were each as long as the file.
LARGEST_STRINGS = 1 << 31
FILTERS = {h5py.h5z.FILTER_DEFLATE: "gzip", h5py.h5z.FILTER_SHUFFLE: "shuffle",
           h5py.h5z.FILTER_FLETCHER32: "fletcher32"}
# As bytes are written: gzip comes last, so that what lies in the file is what zlib unfolds.
PIPELINES: tuple[list[str], ...] = ([], ["shuffle"], ["gzip"], ["shuffle", "gzip"], ["fletcher32"])
CHECKSUM_BYTES = 4  # that fletcher32 adds to a chunk
# What h5py raises on damaged files, beside OSError.
FAILURES = (OSError, KeyError, ValueError, TypeError, RuntimeError, OverflowError, MemoryError, zlib.error)

Value = TypeVar("Value")


@dataclass(frozen=True)
class LazyArray:
    """A dataset whose storage and size were looked at, and of which nothing was read yet.

    Attributes:
        shape, dtype: of the whole, in the byte order of this machine.
        read: (a slice for each axis, or nothing for all) → that part; it may hold numbers that are not finite.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[..., np.ndarray]


class Hdf5File:
    """An HDF5 file open for reading attributes and arrays of numbers, safely.

    Places are paths of groups and datasets, with their parts divided by ``/``; ``""`` is the root.

    Args:
        path: the file.
        largest: bytes of all arrays together that are read at most; None takes what a file of its size can hold.

    Raises:
        UserError: by every method: the file is missing, not HDF5, damaged, or holds there what is refused.
    """

    def __init__(self, path: Path, *, largest: int | None = None) -> None:
        self.path = path
        self._given = largest

    def __enter__(self) -> Self:
        self._size = checked_size(self.path)
        self._left = self._largest = ALWAYS_IN_ALL + LARGEST_RATIO * self._size if self._given is None else self._given
        check_heaps(self.path)
        self._trees = Trees.of(self.path)
        self._file = self._reading("", lambda: h5py.File(self.path, "r"))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._file.close()

    def __contains__(self, place: str) -> bool:
        """Whether there is anything at ``place``, whatever it is."""
        *parents, name = self._parts(place)
        parent = self._object("/".join(parents))
        return isinstance(parent, h5py.h5g.GroupID) and self._reading(place, lambda: parent.links.exists(name.encode()))

    def text(self, place: str, name: str) -> str | None:
        """Return the attribute ``name``, one string, or None if there is none."""
        value = self._attribute(place, name)
        if value is None:
            return None
        strings = _strings(value)
        if strings is None or np.ndim(value):
            raise self._refusal(place, f"its attribute {name} must be one string in UTF-8")
        if len(strings[0]) > LARGEST_ATTRIBUTE:
            raise self._refusal(place, f"its attribute {name} has {len(strings[0]):,} characters; at most "
                                       f"{LARGEST_ATTRIBUTE:,} are accepted")
        return strings[0]

    def names(self, place: str, name: str) -> list[str] | None:
        """Return the attribute ``name``, a list of strings, or None if there is none.

        Keras divides what is too long for one attribute: ``name0``, ``name1``, … are joined.
        """
        whole = self._attribute(place, name)
        if whole is not None:
            return self._list(place, name, whole)
        joined: list[str] = []
        number = 0
        while (part := self._attribute(place, f"{name}{number}")) is not None:
            joined += self._list(place, f"{name}{number}", part)
            number += 1
            if len(joined) > LARGEST_NAMES:
                raise self._refusal(place, f"its attribute {name} has more than {LARGEST_NAMES:,} entries")
        return joined if number else None

    def array(self, place: str) -> np.ndarray:
        """Return the dataset at ``place``: finite floats of 16, 32 or 64 bits, in the shape and dtype it has."""
        array = self.lazy_array(place).read()
        if not np.isfinite(array).all():
            raise self._refusal(place, "holds numbers that are not finite")
        return array

    def lazy_array(self, place: str, kinds: str = "f") -> "LazyArray":
        """Return the dataset at ``place`` to be read in parts while the file is open.

        Args:
            place: where it lies.
            kinds: ``"f"`` for floats of 16, 32 or 64 bits, ``"iu"`` for whole numbers of at most 64.
        """
        opened = self._object(place)
        if not isinstance(opened, h5py.h5d.DatasetID):
            raise self._refusal(place, "is not a dataset")
        self._check_storage(place, opened, kinds)
        self._trees.check_chunks(opened.rank)
        self._check_size(place, opened)
        dataset = h5py.Dataset(opened)

        def read(*selection: slice) -> np.ndarray:
            array = self._reading(place, lambda: np.asarray(dataset[selection]))
            return array.astype(array.dtype.newbyteorder("="), copy=False)

        return LazyArray(dataset.shape, dataset.dtype.newbyteorder("="), read)

    def _check_storage(self, place: str, dataset: Any, kinds: str) -> None:
        """Refuse numbers that lie elsewhere or need code to be read; nothing of them has been read yet."""
        creation = self._reading(place, dataset.get_create_plist)
        if creation.get_layout() == h5py.h5d.VIRTUAL:
            raise self._refusal(place, "is a virtual dataset, which takes its numbers from other files")
        if creation.get_external_count():
            raise self._refusal(place, "keeps its numbers in an external file")
        filters = self._reading(place, lambda: self._filters(dataset))
        if filters not in PIPELINES:
            raise self._refusal(place, f"is packed by the filters {', '.join(filters)}; accepted are none, gzip and "
                                       "shuffle, each once and gzip last, or fletcher32 alone")
        kind = self._reading(place, lambda: dataset.dtype)
        if kind.kind not in kinds or kind.itemsize > 8 or kind.itemsize != dataset.get_type().get_size():
            needed = "floats of 16, 32 or 64 bits" if kinds == "f" else "whole numbers"
            raise self._refusal(place, f"holds {kind} where {needed} are needed")

    def _check_size(self, place: str, dataset: Any) -> None:
        """Refuse a shape that the file cannot hold, before memory for it is asked for."""
        shape = self._reading(place, lambda: dataset.shape)
        if shape is None or 0 in shape:
            raise self._refusal(place, "is empty")
        size = math.prod(shape) * dataset.dtype.itemsize
        stored = min(self._reading(place, dataset.get_storage_size), self._size)
        creation = dataset.get_create_plist()
        filters = self._filters(dataset)
        held = max(ALWAYS_ACCEPTED, LARGEST_RATIO * stored) if "gzip" in filters and stored else stored
        chunk = 0
        if creation.get_layout() == h5py.h5d.CHUNKED:
            chunk = math.prod(creation.get_chunk()) * dataset.dtype.itemsize
        if size > held or chunk > max(size, ALWAYS_ACCEPTED):
            raise self._refusal(place, f"declares the shape {_shown(shape)}, {max(size, chunk):,} bytes, of which the "
                                       f"file holds {stored:,}")
        self._left -= size
        if self._left < 0:
            raise self._refusal(place, f"has more than {self._largest:,} bytes of arrays in all, the most accepted")
        if filters:
            self._check_chunks(place, dataset, chunk)

    def _check_chunks(self, place: str, dataset: Any, size: int) -> None:
        """Refuse chunks that unfold to other than ``size`` bytes: the HDF5 library follows them without a limit."""
        found: list[Any] = []
        self._reading(place, lambda: dataset.chunk_iter(found.append))
        filters = self._filters(dataset)
        deflate, checked = (1 << filters.index(name) if name in filters else 0 for name in ("gzip", "fletcher32"))
        for chunk in found:
            if chunk.size > self._size:
                raise self._refusal(place, f"declares a chunk of {chunk.size:,} bytes in a file of {self._size:,}")
            length = chunk.size
            if deflate and not chunk.filter_mask & deflate:  # one that gzip would make larger is kept as it is
                _, raw = self._reading(place, partial(dataset.read_direct_chunk, chunk.chunk_offset))
                length = self._reading(place, partial(_unfolded, raw, size))
            elif checked and not chunk.filter_mask & checked:
                length -= CHECKSUM_BYTES
            if length != size:
                raise self._refusal(place, f"holds a chunk that does not unfold to its {size:,} bytes")

    def _filters(self, dataset: Any) -> list[str]:
        """The filters through which bytes went as they were written, by their names or numbers."""
        creation = dataset.get_create_plist()
        numbers = [creation.get_filter(place)[0] for place in range(creation.get_nfilters())]
        return [FILTERS.get(number, str(number)) for number in numbers]

    def _list(self, place: str, name: str, value: Any) -> list[str]:
        strings = _strings(value)
        if strings is None or np.ndim(value) > 1:
            raise self._refusal(place, f"its attribute {name} must be a list of strings in UTF-8")
        return strings

    def _attribute(self, place: str, name: str) -> Any:
        opened = self._object(place)
        if not self._reading(place, lambda: h5py.h5a.exists(opened, name.encode())):
            return None
        attribute = self._reading(place, lambda: h5py.h5a.open(opened, name.encode()))
        shape = self._reading(place, lambda: attribute.shape)
        entries = math.prod(shape) if shape is not None else 0
        if not entries:
            return np.empty(0)  # Keras writes the names of no weights as an empty array of floats
        kind = self._reading(place, attribute.get_type)
        if not isinstance(kind, h5py.h5t.TypeStringID):
            raise self._refusal(place, f"its attribute {name} holds no strings, which are needed")
        # Strings of variable length may all be one and the same long string of the file.
        variable = kind.is_variable_str()
        most = entries * (self._size if variable and entries > 1 else kind.get_size())
        if entries > LARGEST_NAMES or most > (LARGEST_STRINGS if variable else LARGEST_ATTRIBUTE):
            raise self._refusal(place, f"its attribute {name} of the shape {_shown(shape)} is too much")
        return self._reading(place, lambda: h5py.AttributeManager(
            h5py.Group(opened) if isinstance(opened, h5py.h5g.GroupID) else h5py.Dataset(opened))[name])

    def _object(self, place: str) -> Any:
        """Open what lies at ``place``, looking at the link of every part on the way."""
        opened, walked = self._file.id, ""
        for part in self._parts(place) if place else []:
            walked += f"/{part}"
            opened = self._child(opened, part.encode(), walked)
        return opened

    def _child(self, parent: Any, name: bytes, place: str) -> Any:
        if not isinstance(parent, h5py.h5g.GroupID) or not self._reading(place, lambda: parent.links.exists(name)):
            raise self._refusal(place, "is missing")
        kind = self._reading(place, lambda: parent.links.get_info(name).type)
        if kind != h5py.h5l.TYPE_HARD:
            words = {h5py.h5l.TYPE_SOFT: "a soft link", h5py.h5l.TYPE_EXTERNAL: "a link into another file"}
            raise self._refusal(place, f"is {words.get(kind, 'a link of an unknown kind')}; links are refused")
        return self._reading(place, lambda: h5py.h5o.open(parent, name))

    def _parts(self, place: str) -> list[str]:
        parts = place.split("/")
        if len(parts) > DEEPEST or any(part in ("", ".", "..") or re.search("[\0\ud800-\udfff]", part)
                                         for part in parts):
            raise self._refusal(place, f"is no name of an object at most {DEEPEST} groups deep")
        return parts

    def _reading(self, place: str, read: Callable[[], Value]) -> Value:
        try:
            return read()
        except FAILURES as error:
            raise self._refusal(place, f"damaged or unreadable: {error!s:.120}") from error

    def _refusal(self, place: str, reason: str) -> UserError:
        shown = place if len(place) < 200 else f"{place[:200]}…"
        return UserError(f"{self.path}: {shown.lstrip('/')}: {reason}" if place else f"{self.path}: {reason}")


def _strings(value: Any) -> list[str] | None:
    """The strings in an attribute, which may be bytes or str, one or an array; None if it holds anything else."""
    array = np.atleast_1d(np.asarray(value))
    if array.size == 0:
        return []
    if array.dtype.kind not in "OSU":
        return None
    try:
        return [entry.decode("utf-8") if isinstance(entry, bytes) else _text(entry) for entry in array.ravel().tolist()]
    except (UnicodeError, TypeError):
        return None


def _unfolded(raw: bytes, size: int) -> int:
    """How many bytes ``raw`` unfolds to; a number other than ``size``, not the true one, if they are more."""
    stream = zlib.decompressobj()
    length = len(stream.decompress(raw, size + 1))
    return length if stream.eof else -1


def _text(entry: object) -> str:
    if not isinstance(entry, str):
        raise TypeError(f"a string is needed, not {type(entry).__name__}")
    return entry.encode("utf-8").decode("utf-8")  # h5py gives bytes that are no UTF-8 as lone surrogates


def _shown(shape: tuple[int, ...] | None) -> str:
    return "none" if shape is None else " × ".join(f"{size:,}" for size in shape) or "()"
