"""What units did on a stretch of text: read from a store, or by a run's network."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from probe.activations.options import ExtractOptions
from probe.activations.rows import rows_of
from probe.activations.signal import SIGNALS
from probe.activations.store import Store
from probe.cli.checkpoints import checkpoint_named
from probe.cli.flags import options_from
from probe.cli.showing import unit_named
from probe.cli.texts import foreign_corpus
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.options import did_you_mean

# Characters that are shown if nobody says how many.
PASSAGE = 2000
# A page has an element for each.
MOST = 200_000
# Of a run, one stream is read, which warms up before what is shown.
READING = ExtractOptions(streams=1, losses=False)

Unit = tuple[str, int]


@dataclass(frozen=True, eq=False)
class Stretch:
    """Characters of a text, and one signal of some units.

    Attributes:
        corpus: the whole text.
        segment: which part of it.
        signal: what was recorded.
        values: (layer, unit) → (N,) float32.
    """

    corpus: Corpus
    segment: Segment
    signal: str
    values: Mapping[Unit, np.ndarray]

    @property
    def text(self) -> str:
        """The N characters."""
        return self.corpus.document(self.segment.start, self.segment.stop).text


def stretch_of_store(store: Store, names: Sequence[str], arguments: argparse.Namespace) -> Stretch:
    """Return a part of a store's text with what units did there.

    Args:
        store: which keeps every character.
        names: ``LAYER:UNIT`` each.
        arguments: with TEXT, --signal, --from and --to, and the flags that are for runs alone.

    Raises:
        UserError: the store keeps only some characters, has not this layer, unit, signal or part of the text, or a flag
            is for runs.
    """
    given = [name for name in (*(field.name for field in fields(ExtractOptions)), "text", "checkpoint", "stand_in")
             if getattr(arguments, name, None) is not None]
    if given:
        flag = "TEXT" if "text" in given else f"--{given[0].replace('_', '-')}"
        raise UserError(f"{store.folder}: is a store, which has its own text and activations; {flag} is for a run")
    if store.every > 1:
        raise UserError(f"{store.folder}: keeps one character in {store.every}, and a text is coloured if all are "
                        "there; extract without --every")
    layers = list(dict.fromkeys(layer for layer, _ in store.units))
    signal = _signal_of_store(store, names, arguments.signal)
    segment = _segment(arguments, store.segment, store.segment.start)
    rows = slice(segment.start - store.segment.start, segment.stop - store.segment.start)
    values = {}
    for name in names:
        layer = name.rpartition(":")[0]
        units = store.units.get((layer, signal), next(iter(store.units.values())))
        layer, unit = unit_named(name, "--unit", layers, units)
        values[layer, unit] = store.signals[layer, signal][rows, units.index(unit)]
    return Stretch(store.corpus, segment, signal, values)


def stretch_of_run(folder: Path, names: Sequence[str], arguments: argparse.Namespace) -> Stretch:
    """Return a part of a text with what units of a run's network do there.

    Args:
        folder: the run.
        names: ``LAYER:UNIT`` each.
        arguments: with TEXT, --signal, --from, --to, --checkpoint, --encoding, --stand-in and flags of extraction.

    Raises:
        UserError: the network has no such layer, unit or signal, or the text no such part, or cannot be read.
    """
    from probe.model import Run

    opened = Run.open(folder)
    network, signal = opened.model_options, arguments.signal or "hidden"
    layers = [str(number) for number in range(1, network.layers + 1)]
    units = [unit_named(name, "--unit", layers, range(network.units)) for name in names]
    if signal not in SIGNALS:
        raise UserError(f"--signal must be one of {', '.join(SIGNALS)}; received {signal!r}"
                        f"{did_you_mean(signal, SIGNALS)}")
    reading = options_from(arguments, READING)
    corpus = foreign_corpus(opened, arguments) if arguments.text else opened.corpus
    before = max(0, reading.windowed - 1)  # characters of a text that have no window before them
    if before >= len(corpus):
        raise UserError(f"--windowed must be at most {len(corpus):,}, the characters of the text; received "
                        f"{reading.windowed:,}")
    whole = Segment(before, len(corpus))
    # Of the text that the network learnt, what it has not seen is worth looking at.
    segment = _segment(arguments, whole, before if arguments.text else max(before, opened.corpus.splits.test.start))

    from probe.activations.extract import Extraction

    checkpoint = checkpoint_named(arguments.checkpoint or "best")
    options = replace(reading, signals=signal, layers=",".join(dict.fromkeys(layer for layer, _ in units)),
                      units=",".join(map(str, sorted({unit for _, unit in units}))))
    whole_text = Extraction.of(opened, corpus=corpus, checkpoint=checkpoint, options=options)
    part = whole_text.part(segment.start, segment.stop)
    rows = rows_of(part)
    values = {(layer, unit): rows[layer, signal][:, part.units[layer, signal].index(unit)] for layer, unit in units}
    return Stretch(corpus, segment, signal, values)


def _signal_of_store(store: Store, names: Sequence[str], asked: str | None) -> str:
    """The signal that is shown: the one asked for, hidden, or the first that there is of the first unit's layer."""
    of_layers = {layer: [signal for of, signal in store.units if of == layer]
                 for layer in (name.rpartition(":")[0] for name in names)}
    first = next(iter(of_layers.values()))
    chosen = asked or ("hidden" if "hidden" in first else next(iter(first), "hidden"))
    for layer, signals in of_layers.items():
        if signals and chosen not in signals:
            raise UserError(f"--signal must be one of {', '.join(signals)}, which the store has of layer {layer}; "
                            f"received {chosen!r}{did_you_mean(chosen, signals)}")
    return chosen


def _segment(arguments: argparse.Namespace, whole: Segment, usual: int) -> Segment:
    """The part that --from and --to name; ``usual`` is where it begins if nobody says."""
    first = usual if arguments.start is None else arguments.start
    last = min(whole.stop, first + PASSAGE) if arguments.stop is None else arguments.stop
    if first >= last:
        raise UserError(f"--from must come before --to; received {first:,} to {last:,}")
    if not whole.start <= first < last <= whole.stop:
        raise UserError(f"--from and --to must lie in {whole.start:,} to {whole.stop:,}, the part of the text whose "
                        f"activations there are; received {first:,} to {last:,}")
    if last - first > MOST:
        raise UserError(f"--from and --to may be {MOST:,} characters apart at most; received {last - first:,}")
    return Segment(first, last)
