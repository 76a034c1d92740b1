"""The best unit for each label of a store of ``probe dates record``, layer by layer, beside untrained twins.

  python -m benchmarks.date_units acts/dates --twins 19
  python -m benchmarks.date_units acts/own --run runs/dates

Units are chosen on the first half of a store and their r is that on the second, on other days. A twin's best is the
largest |r| of all its units and signals on the second half: it was chosen on the very text, and so is flattered.
"""

import argparse
from pathlib import Path

import numpy as np

from probe.activations import ExtractOptions, ForeignModel, Recorded, Store, rows_of
from probe.activations.foreign.rows import DocumentRows
from probe.activations.foreign.untrained import untrained_twin
from probe.attention import DateTexts, Translator
from probe.attention.units import held_out, output_lines, source_lines
from probe.attention.units.networks import decoder_of, encoder_of
from probe.cli.kept_labels import kept_labels
from probe.render.table import table


def correlations(activations: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Pearson's r (U, P) of activations (N, U) and labels (N, P)."""
    x, y = ((each - each.mean(axis=0)) / np.maximum(each.std(axis=0), 1e-12)
            for each in (activations.astype(np.float64), labels.astype(np.float64)))
    return x.T @ y / len(x)


def labels_of(store: Store) -> tuple[list[str], np.ndarray]:
    document = store.corpus.document()
    kept = kept_labels(store)
    return [pattern.name for pattern in kept], np.stack([pattern.label(document) for pattern in kept], axis=1)


def twins(translator: Translator, store: Store, part: str, labels: np.ndarray, count: int) -> np.ndarray:
    """The best |r| (twins, P) of each twin on the second half."""
    model = ForeignModel.of((encoder_of if part == "encoder" else decoder_of)(translator.model), part)
    asked = store.provenance["record"]
    if part == "encoder":
        lines = source_lines(held_out(DateTexts(translator.dates), asked["seed"], asked["count"]), translator.symbols)
    else:
        lines = output_lines(store.corpus.document().text.split("\n")[1:])
    assert lines.text == store.corpus.document().text
    best = []
    for seed in range(count):
        rows = DocumentRows(untrained_twin(model, seed), lines.documents, ExtractOptions(signals=asked["signals"]))
        half = Recorded.of(rows.arrays(), store.corpus, spans=lines.spans).halves()[1]
        best.append(np.max([np.abs(correlations(states, labels[half.segment.start:half.segment.stop])).max(axis=0)
                            for states in rows_of(half).values()], axis=0))
    return np.stack(best)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("acts", type=Path)
    parser.add_argument("--run", help="a run, or a saved translator [the one that comes with probe]")
    parser.add_argument("--twins", type=int, default=19)
    arguments = parser.parse_args()
    translator = Translator.open(arguments.run)
    for part in ("encoder", "decoder"):
        store = Store.open(arguments.acts / part)
        names, labels = labels_of(store)
        half = len(labels) // 2
        columns = []
        for source in store.units:
            rows = np.asarray(store.signals[source][:])
            ranked, tested = (correlations(rows[cut], labels[cut]) for cut in (slice(half), slice(half, None)))
            units = np.abs(ranked).argmax(axis=0)
            columns.append([f"{unit}: {tested[unit, place]:+.2f}" for place, unit in enumerate(units)])
        best = twins(translator, store, part, labels, arguments.twins).max(axis=0)
        told = [(name, *(column[place] for column in columns), f"{best[place]:.2f}")
                for place, name in enumerate(names)]
        print(table(("label", *("/".join(source) for source in store.units), f"best of {arguments.twins} twins"), told),
              flush=True)


if __name__ == "__main__":
    main()
