"""What reading in parallel streams costs against the reference: one stream from the zero state."""

from dataclasses import dataclass, replace

import numpy as np

from probe.activations.block import LayerSignal
from probe.activations.extract import Extraction
from probe.corpus import Segment


@dataclass(frozen=True)
class Deviation:
    """How far activations read in parallel streams are from those of one stream.

    Attributes:
        characters: length of the part compared.
        streams: streams in that part.
        largest, mean: absolute difference of an activation, over all layers and units.
    """

    characters: int
    streams: int
    largest: float
    mean: float


def stream_deviation(extraction: Extraction, characters: int = 20_000) -> Deviation:
    """Compare the first ``characters`` of an extraction's segment with one stream over the same part.

    The part is shorter than the segment, so that it may hold fewer streams; each has the same overlap.
    """
    segment = Segment(extraction.segment.start, min(extraction.segment.stop, extraction.segment.start + characters))
    parallel = replace(extraction, segment=segment)
    exact = replace(parallel, options=replace(extraction.options, streams=1))
    if parallel.streams == 1:
        return Deviation(len(segment), 1, 0.0, 0.0)
    ours, theirs = _collected(parallel), _collected(exact)
    differences = [np.abs(ours[source] - theirs[source]) for source in theirs]
    return Deviation(len(segment), parallel.streams, max(float(each.max()) for each in differences),
                     float(np.mean([each.mean(dtype=np.float64) for each in differences])))


def _collected(extraction: Extraction) -> dict[LayerSignal, np.ndarray]:
    """All activations of a short segment, (layer, signal) → (N, U)."""
    out = {source: np.empty((len(extraction.segment), len(indices)), np.float32)
           for source, indices in extraction.units.items()}
    for block in extraction:
        for source, values in block.activations.items():
            for start, rows in zip(block.starts - extraction.segment.start, values, strict=True):
                out[source][start:start + block.length] = rows
    return out
