"""Activations as ``.npy`` and ``.npz`` files, with their text beside them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from probe.activations.block import Blocks
from probe.activations.interchange.names import joined
from probe.activations.interchange.pouring import chosen, export_text, pour
from probe.activations.interchange.recorded import Recorded
from probe.corpus import Corpus
from probe.errors import UserError
from probe.files import MatrixWriter, open_array, open_npz, sha256_of, whole_files, write_npz

UNITS = "/units"


def text_beside(path: Path) -> Path:
    """Return where the text of an array file lies: ``acts.npz`` has ``acts.txt``."""
    return path.with_suffix(".txt")


def export_npy(blocks: Blocks, path: Path | str, only: Sequence[str] = (), *, show: bool = True) -> Path:
    """Write one layer and signal as float32 (N, U), and the text beside it; both appear whole or not at all.

    Args:
        blocks: the activations.
        path: the ``.npy`` file.
        only: which, such as ``["2/hidden"]``. May be left out if there is one alone.
        show: whether to show progress.

    Raises:
        UserError: none or several are meant, or the files cannot be written.
    """
    path, sources = Path(path), chosen(blocks, only)
    if len(sources) != 1:
        raise UserError(f"an .npy file holds one layer and signal: choose one of {', '.join(map(joined, sources))}, or "
                        "take .npz for all")
    (units,) = sources.values()
    with _beside(blocks, path) as aside, \
            MatrixWriter(aside / path.name, len(blocks.segment), len(units), np.float32) as file:
        pour(blocks, sources, lambda _, start, rows: file.write(start, rows), show=show)
    return path


def export_npz(blocks: Blocks, path: Path | str, only: Sequence[str] = (), *, show: bool = True) -> Path:
    """Write layers and signals as float32 (N, U) each, called ``"2/hidden"``, and the text beside them.

    Where not all units of a layer are there, ``"2/hidden/units"`` (U,) holds their indices.

    Args:
        blocks: the activations.
        path: the ``.npz`` file.
        only: which, such as ``["1/hidden", "2/cell"]``. Defaults to all.
        show: whether to show progress.

    Raises:
        UserError: there is none of that name, or the files cannot be written.
    """
    path, sources = Path(path), chosen(blocks, only)
    with _beside(blocks, path) as aside:
        parts = {joined(source): aside / f"{number}.npy" for number, source in enumerate(sources)}
        with ExitStack() as stack:
            files = {source: stack.enter_context(MatrixWriter(parts[joined(source)], len(blocks.segment), len(units),
                                                              np.float32)) for source, units in sources.items()}
            pour(blocks, sources, lambda source, start, rows: files[source].write(start, rows), show=show)
        for source, units in sources.items():
            if tuple(units) != tuple(range(len(units))):
                name = joined(source) + UNITS
                parts[name] = aside / f"{len(parts)}.npy"
                with MatrixWriter(parts[name], len(units), 1, np.int64) as file:
                    file.write(0, np.asarray(units)[:, None])
        write_npz(aside / path.name, parts)
    return path


@contextmanager
def recorded_in_npy(path: Path | str, text: str | Corpus | None = None, *, name: str = "1/hidden",
                    **laying: Any) -> Iterator[Recorded]:
    """Give the activations in an ``.npy`` file, which is memory-mapped.

    Args:
        path: the file, (N, U).
        text: N characters. Defaults to the file of the same name that ends in ``.txt``.
        name: what layer and signal it holds.
        laying: alignment and spans, as :meth:`Recorded.of` takes them.

    Raises:
        UserError: no readable array of numbers, or no array of this text.
    """
    path = Path(path)
    yield Recorded.of({name: open_array(path)}, _text(path, text), provenance=_origin(path), **laying)


@contextmanager
def recorded_in_npz(path: Path | str, text: str | Corpus | None = None, **laying: Any) -> Iterator[Recorded]:
    """Give the activations in an ``.npz`` file, which is memory-mapped; arguments as in :func:`recorded_in_npy`."""
    path = Path(path)
    with open_npz(path) as arrays:
        units = {name.removesuffix(UNITS): _whole_numbers(path, name, array)
                 for name, array in arrays.items() if name.endswith(UNITS)}
        rows = {name: array for name, array in arrays.items() if not name.endswith(UNITS)}
        yield Recorded.of(rows, _text(path, text), units=units, provenance=_origin(path), **laying)


@contextmanager
def _beside(blocks: Blocks, path: Path) -> Iterator[Path]:
    """Give a folder aside that holds the text; what is in it appears beside ``path`` in the end, ``path`` last."""
    beside = text_beside(path)
    with whole_files(path.parent, path.name) as aside:
        export_text(blocks, aside / beside.name)
        if beside.exists():
            if sha256_of(beside) != sha256_of(aside / beside.name):
                raise UserError(f"{beside}: is there and holds another text, and the text of {path.name} goes there: "
                                "name another file")
            (aside / beside.name).unlink()  # so that nothing but ``path`` changes, and in one step
        yield aside


def _origin(path: Path) -> dict[str, str]:
    return {"file": path.name, "sha256": sha256_of(path)}


def _text(path: Path, text: str | Corpus | None) -> str | Corpus:
    if text is not None:
        return text
    beside = text_beside(path)
    if not beside.is_file():
        raise UserError(f"{path}: comes without its text: {beside.name} is not beside it; give the text that was read")
    return Corpus.read(beside)


def _whole_numbers(path: Path, name: str, array: np.ndarray) -> list[int]:
    if array.dtype.kind not in "iu" or array.size == 0:
        raise UserError(f"{path}: {name}: must be whole numbers, the indices of units; received {array.dtype}")
    return array.ravel().tolist()
