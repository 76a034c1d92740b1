"""What reading otherwise than in one stream from the zero state does to activations, measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from tqdm import tqdm

from probe.activations.block import Block, LayerSignal
from probe.activations.extract import Extraction
from probe.activations.stretches import LARGEST
from probe.corpus import Segment
from probe.progress import progress_bar


@dataclass(frozen=True)
class Distance:
    """How far activations are from those of one stream: the absolute difference, at the most and on average."""

    largest: float
    mean: float


@dataclass(frozen=True)
class Deviation:
    """How far activations are from those of one stream.

    Attributes:
        characters: length of the part compared.
        streams: streams in that part.
        largest, mean: absolute difference of an activation, over all layers, signals and units.
        signals: name of a signal → the same, over all layers and units.
    """

    characters: int
    streams: int
    largest: float
    mean: float
    signals: Mapping[str, Distance]

    def __str__(self) -> str:
        """Return the figures of each signal, or of more than two together."""
        if len(self.signals) > 2:
            farthest = max(self.signals, key=lambda signal: self.signals[signal].largest)
            return f"by {self.mean:.1g} on average and {self.largest:.1g} at most, in {farthest.replace('_', ' ')}"
        return "; ".join(f"{signal.replace('_', ' ')} by {each.mean:.1g} on average and {each.largest:.1g} at most"
                         for signal, each in self.signals.items())


def stream_deviation(extraction: Extraction, characters: int = 20_000, *, show: bool = False) -> Deviation:
    """Compare the first characters of an extraction's segment, read in streams, with one stream over the same part.

    The part is shorter than the segment, so that it may hold fewer streams; each has the same overlap.

    Args:
        extraction: what is measured; of windows there is nothing to measure.
        characters: of the part, at most; fewer where their activations would fill more than 256 MB.
        show: whether to show progress.
    """
    segment = _beginning(extraction, characters)
    parallel = replace(extraction, segment=segment, options=replace(extraction.options, losses=False))
    if parallel.streams == 1:
        nothing = Distance(0.0, 0.0)
        return Deviation(len(segment), 1, 0.0, 0.0, {signal: nothing for _, signal in extraction.units})
    exact = replace(parallel, options=replace(parallel.options, streams=1))
    # The stream is read last: its blocks are small, and memory for large ones is given back meanwhile.
    with progress_bar(2 * len(segment), "measure the deviation of streams", show=show) as bar:
        return _compared(exact, _collected(parallel, bar), parallel.streams, bar)


def window_deviation(extraction: Extraction, window: int, characters: int = 1000) -> Deviation:
    """Compare windows of ``window`` characters with one stream, which has read at least as many before.

    Args:
        extraction: whose segment's beginning is read in both ways.
        window: characters of each window.
        characters: whose activations are compared, at most.
    """
    part = _beginning(extraction, window + characters)
    rows = Segment(min(part.start + window, part.stop - 1), part.stop)
    options = replace(extraction.options, losses=False)
    stream = replace(extraction, segment=part, options=replace(options, windowed=0, streams=1))
    windows = replace(extraction, segment=rows, options=replace(options, windowed=min(window, rows.start + 1)))
    return _compared(windows, {source: values[rows.start - part.start:]
                               for source, values in _collected(stream).items()}, 1)


def _beginning(extraction: Extraction, characters: int) -> Segment:
    segment, numbers = extraction.segment, sum(map(len, extraction.units.values()))
    return Segment(segment.start, min(segment.stop, segment.start + max(1, min(characters, LARGEST // numbers))))


def _compared(extraction: Extraction, others: Mapping[LayerSignal, np.ndarray], streams: int,
              bar: tqdm | None = None) -> Deviation:
    """Compare an extraction, block by block, with what another one gave for its segment, (N, U) float32 each."""
    largest, total = dict.fromkeys(others, 0.0), dict.fromkeys(others, 0.0)
    for block in _counted(extraction, bar):
        for source, values in block.activations.items():
            for start, rows in zip(block.starts - extraction.segment.start, values, strict=True):
                differences = np.abs(rows - others[source][start:start + block.length])
                largest[source] = float(np.maximum(largest[source], differences.max()))  # NaN stays NaN
                total[source] += float(differences.sum(dtype=np.float64))
    distances = {source: Distance(largest[source], total[source] / others[source].size) for source in others}
    signals = {signal: _together([each for source, each in distances.items() if source[1] == signal])
               for signal in dict.fromkeys(signal for _, signal in distances)}
    overall = _together(list(distances.values()))
    return Deviation(len(extraction.segment), streams, overall.largest, overall.mean, signals)


def _together(distances: list[Distance]) -> Distance:
    """The distance over arrays of the same size."""
    return Distance(float(np.max([each.largest for each in distances])),
                    float(np.mean([each.mean for each in distances])))


def _collected(extraction: Extraction, bar: tqdm | None = None) -> dict[LayerSignal, np.ndarray]:
    """All activations of a short segment, (layer, signal) → (N, U)."""
    size = len(extraction.segment)
    out = {source: np.empty((size, len(units)), np.float32) for source, units in extraction.units.items()}
    for block in _counted(extraction, bar):
        for source, values in block.activations.items():
            for start, rows in zip(block.starts - extraction.segment.start, values, strict=True):
                out[source][start:start + block.length] = rows
    return out


def _counted(extraction: Extraction, bar: tqdm | None) -> Iterator[Block]:
    for block in extraction:
        yield block
        if bar is not None:
            bar.update(block.losses.size)
