"""Activations as a folder that LSTMVis serves."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from probe.activations.block import Blocks
from probe.activations.interchange.lstmvis.annotations import Annotations
from probe.activations.interchange.lstmvis.config import annotations_text, config_text
from probe.activations.interchange.lstmvis.tokens import dictionary_text, tokens_of
from probe.activations.interchange.pouring import BLOCK, chosen, pour
from probe.errors import UserError
from probe.files import replace_text, whole_folder
from probe.files.hdf5_writing import Hdf5Writer

CONFIG, STATES, WORDS, DICTIONARY, TRACKS = "lstm.yml", "states.hdf5", "train.hdf5", "train.dict", "meta.hdf5"
WORD_PATH = "word_ids"


def export_lstmvis(blocks: Blocks, folder: Path | str, only: Sequence[str] = (), *,
                   annotations: Annotations | None = None, show: bool = True) -> Path:
    """Write a folder that LSTMVis serves: each character is a token, each layer and signal an array (N, U) of float32.

    White space has stand-ins (a space is ␣), since LSTMVis' dictionary is parted by it; ``lstm.yml`` says which.

    Args:
        blocks: the activations.
        folder: where to, new, or one that this wrote before.
        only: which layers and signals, such as ``["1/hidden", "2/cell"]``. Defaults to all.
        annotations: tracks to draw beside the units.
        show: whether to show progress.

    Raises:
        UserError: there is none of that name, or the folder holds something else or cannot be written.
    """
    folder, sources = Path(folder), chosen(blocks, only)
    _check_folder(folder)
    present = _present(blocks)
    tokens = tokens_of(map(chr, present))
    paths = {f"states{number}": source for number, source in enumerate(sources, start=1)}
    length = len(blocks.segment)
    with whole_folder(folder) as aside:
        with Hdf5Writer(aside / WORDS, {WORD_PATH: ((length,), np.int32)}) as file:
            for start in range(0, length, BLOCK):
                codes = blocks.corpus.codes[blocks.segment.start + start:min(blocks.segment.start + start + BLOCK,
                                                                             blocks.segment.stop)]
                file.write(WORD_PATH, start, np.searchsorted(present, codes) + 1)
        place = {source: path for path, source in paths.items()}
        with Hdf5Writer(aside / STATES, {path: ((length, len(sources[source])), np.float32)
                                         for path, source in paths.items()}) as file:
            pour(blocks, sources, lambda source, start, rows: file.write(place[source], start, rows), show=show)
        replace_text(aside / DICTIONARY, dictionary_text(tokens.values()))
        name = str(blocks.corpus.source["name"])
        stand_ins = {token: character for character, token in tokens.items() if token != character}
        files = {"states": STATES, "train": WORDS, "words": DICTIONARY}
        tracks = ""
        if annotations:
            files["meta"] = TRACKS
            ranges = annotations.write(aside / TRACKS, blocks.segment)
            tracks = annotations_text("meta", annotations.places, ranges)
        replace_text(aside / CONFIG, config_text(name, files, WORD_PATH, paths, sources, stand_ins,
                                                 dict(blocks.provenance)) + tracks)
    return folder


def _present(blocks: Blocks) -> np.ndarray:
    """The distinct code points of the segment, in their order."""
    found = np.array([], np.uint32)
    for start in range(blocks.segment.start, blocks.segment.stop, BLOCK):
        found = np.union1d(found, blocks.corpus.codes[start:min(start + BLOCK, blocks.segment.stop)])
    return found


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: is a file; name a new folder")
    others = sorted({path.name for path in folder.iterdir()} - {CONFIG, STATES, WORDS, DICTIONARY, TRACKS}) if (
        folder.exists()) else []
    if others:
        raise UserError(f"{folder}: holds other files ({', '.join(others[:3])}); name a new folder")
