"""Activations from a folder of LSTMVis, ours or anybody's."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from probe.activations.block import LayerSignal
from probe.activations.interchange.lstmvis.config import Project, read_config
from probe.activations.interchange.lstmvis.tokens import read_dictionary, texts_of
from probe.activations.interchange.recorded import Recorded
from probe.corpus import Corpus
from probe.corpus.codes import codes_of
from probe.corpus.decoding import Piece
from probe.errors import UserError
from probe.files import sha256_of
from probe.files.hdf5 import Hdf5File, LazyArray

BLOCK = 1 << 16


@contextmanager
def recorded_in_lstmvis(config: Path | str, **laying: Any) -> Iterator[Recorded]:
    """Give the activations of a folder of LSTMVis, which are read in pieces while the ``with`` block lasts.

    The text is the tokens one after the other if all are characters, else with a space between two of them; then a
    token's row lies on all its characters and on the space.

    Args:
        config: its ``lstm.yml``.
        laying: alignment, as :meth:`Recorded.of` takes it.

    Raises:
        UserError: a file is missing, damaged, outside the folder or not what ``lstm.yml`` says; or an array has not as
            many rows as there are tokens.
    """
    project = read_config(Path(config))
    with ExitStack() as stack:
        files: dict[Path, Hdf5File] = {}

        def lazy(file: Path, place: str, kinds: str) -> LazyArray:
            if file not in files:
                files[file] = stack.enter_context(Hdf5File(file))
            return files[file].lazy_array(place, kinds)

        words_file, words_place = project.words
        words = _Words.of(lazy(words_file, words_place, "iu"), f"{words_file}: {words_place}", project)
        arrays: dict[LayerSignal, Any] = {}
        for states in project.states:
            array = lazy(states.file, states.place, "f")
            if len(array.shape) != 2 or array.shape[0] != words.length:
                raise UserError(f"{states.file}: {states.place}: has the shape {array.shape}, and {words_file} "
                                f"{words.length:,} tokens; an array (tokens, units) is needed")
            if states.source in arrays:
                raise UserError(f"{config}: {states.place}: layer {states.source[0]} has its {states.source[1]} twice")
            arrays[states.source] = _Rows(array)
        units = {states.source: states.units for states in project.states if states.units is not None}
        told = {"file": f"{Path(config).parent.name}/{Path(config).name}", "tokens": words.length,
                "sha256": {file.name: sha256_of(file) for file in files},
                **({"origin": project.origin} if project.origin is not None else {})}
        yield Recorded.of(arrays, Corpus.of(words, project.name), spans=words.spans(), units=units, provenance=told,
                          **laying)


@dataclass(frozen=True)
class _Rows:
    """An array of a file, with the brackets of a numpy array."""

    array: LazyArray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.array.dtype

    def __getitem__(self, rows: slice) -> np.ndarray:
        return self.array.read(rows)


@dataclass(frozen=True)
class _Words:
    """The text of a sequence of ids, in pieces as a corpus takes them."""

    array: LazyArray
    where: str
    dictionary: Path
    ids: np.ndarray
    texts: tuple[str, ...]
    between: str

    @classmethod
    def of(cls, array: LazyArray, where: str, project: Project) -> "_Words":
        if len(array.shape) != 1:
            raise UserError(f"{where}: has the shape {array.shape}; ids of tokens one after the other are needed")
        tokens, between = texts_of(read_dictionary(project.dictionary), project.stand_ins)
        ids = sorted(tokens)
        return cls(array, where, project.dictionary, np.array(ids), tuple(tokens[number] for number in ids), between)

    @property
    def length(self) -> int:
        """How many tokens there are."""
        return self.array.shape[0]

    @property
    def size(self) -> int:
        """The same: what a progress bar counts."""
        return self.length

    def pieces(self) -> Iterator[Piece]:
        """Yield the text."""
        for start, places in self._places():
            text = self.between.join(self.texts[place] for place in places)
            text = text if start == 0 else self.between + text
            yield Piece(self.where, text.encode("utf-8", "surrogatepass"), codes_of(text))

    def spans(self) -> np.ndarray | None:
        """Return the characters [start, stop) of each token (M, 2), or None if each is one character."""
        if not self.between:
            return None
        lengths = np.array([len(text) for text in self.texts])
        own = np.concatenate([lengths[places] for _, places in self._places()])
        stops = np.cumsum(own + len(self.between)) - len(self.between)
        return np.stack([stops - own, stops], axis=1)

    def _places(self) -> Iterator[tuple[int, np.ndarray]]:
        """Yield the tokens in blocks, each with the number of its first: places in ``texts``."""
        for start in range(0, self.length, BLOCK):
            ids = self.array.read(slice(start, start + BLOCK))
            places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
            wrong = np.flatnonzero(self.ids[places] != ids)
            if len(wrong):
                raise UserError(f"{self.where}: token {start + int(wrong[0]):,} has the id {ids[wrong[0]]}, which "
                                f"{self.dictionary.name} does not hold")
            yield start, places
