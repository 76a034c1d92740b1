"""Record what the units of a translator do while it reads and writes held-out dates.

  probe dates record --run runs/dates --out acts/dates
  probe dates record --run runs/dates --out acts/dates --signals all --layers decoder --count 500
  probe dates record --run runs/dates --out acts/untrained --untrained 1     a twin that nothing was taught

The encoder's store, acts/dates/encoder, has a date of the test's days in each line; the decoder's, acts/dates/decoder,
the outputs for them and for texts without a date between them. Both keep labels of what is known of each character,
such as in_year and in_month_name, against which 'probe scan' holds every unit.
"""

import argparse
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from probe.activations import ExtractOptions, StoreOptions
from probe.activations.choice import ALL, chosen_layers, chosen_signals, chosen_units
from probe.activations.signal import SIGNALS
from probe.attention.translator.translation import MOST_BEAMS
from probe.cli.dates_translator import add_translator, check_translator, translator_of
from probe.cli.flags import add_options, options_from
from probe.cli.kept_labels import keep_labels
from probe.cli.texts import path_named
from probe.corpus import Corpus
from probe.options import Options, option

if TYPE_CHECKING:
    from probe.activations import Store
    from probe.activations.foreign import ForeignModel
    from probe.attention.translator.translator import Translator
    from probe.attention.units import Lines

ENCODER, DECODER = "encoder", "decoder"
LAYERS = ("encoder/forward", "encoder/backward", "decoder")
# Of the library, those that make sense in the text of each.
PATTERNS = {ENCODER: "digit,letter,word_start,column", DECODER: "digit"}


@dataclass(frozen=True)
class RecordOptions(Options):
    """What is recorded of a translator."""

    count: int = option(3000, "dates, one a line, of the days that are kept for the test", minimum=2, maximum=2**20)
    seed: int = option(0, "of their drawing", minimum=0)
    layers: str = option(ALL, f"some of {', '.join(LAYERS)}, with commas between them")
    signals: str = option("hidden,cell", f"what is recorded of each unit: some of {', '.join(SIGNALS)}, or all")
    units: str = option(ALL, "units of each layer, such as 0-63,101")
    beams: int = option(5, "prefixes that the search for each output keeps", minimum=1, maximum=MOST_BEAMS)
    untrained: int | None = option(None, "record an untrained twin of the network instead, its weights drawn by this "
                                   "seed; it writes the outputs of the trained one", minimum=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        chosen_layers(self.layers, LAYERS)
        chosen_signals(self.signals)
        chosen_units(self.units)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_translator(parser, beams=False)
    parser.add_argument("--out", required=True, metavar="FOLDER", help="where the stores go, new or to go on with")
    add_options(parser, RecordOptions, "what is recorded", defaults=RecordOptions())
    add_options(parser, StoreOptions, "keeping", skip=("every", "losses"), defaults=StoreOptions())


def run(arguments: argparse.Namespace) -> None:
    from probe.activations.store import check_folder

    folder, options = path_named(arguments.out), options_from(arguments, RecordOptions())
    keeping = options_from(arguments, StoreOptions())
    layers = chosen_layers(options.layers, LAYERS)
    places = {name: folder / name for name in (ENCODER, DECODER) if any(each.startswith(name) for each in layers)}
    check_translator(arguments)
    for place in places.values():
        check_folder(place)
    translator = translator_of(arguments)
    lines = _lines(translator, options, places)
    for name, place in places.items():
        _record(translator, lines[name], name, place, layers, options, keeping)
    for name, place in places.items():
        print(f"next: probe scan {place} --patterns {PATTERNS[name]}    then: probe gallery {place / 'findings'}")


def _lines(translator: "Translator", options: RecordOptions, wanted: Collection[str]) -> dict[str, "Lines"]:
    """What each wanted part of the network reads."""
    from probe.attention.dates import DateTexts
    from probe.attention.units import held_out, output_lines, source_lines, with_no_date_between

    texts = DateTexts(translator.dates)
    dates = held_out(texts, options.seed, options.count)
    lines = {ENCODER: source_lines(dates, translator.symbols)}
    print(f"{len(dates):,} dates of days that training never saw")
    if DECODER in wanted:
        asked = with_no_date_between(dates, texts, options.seed)
        outputs = [answer.output for answer in translator.translate(asked, options.beams)]
        lines[DECODER] = output_lines(outputs)
        print(f"{len(outputs):,} outputs for them and for texts without a date between them; {outputs.count(''):,} of "
              "them empty")
    return lines


def _record(translator: "Translator", lines: "Lines", name: str, place: Path, layers: tuple[str, ...],
            options: RecordOptions, keeping: StoreOptions) -> "Store":
    """Make one store, with its labels."""
    from probe.activations import Recorded, write_store
    from probe.activations.foreign.rows import DocumentRows
    from probe.model.training_folder import versions

    model = _part(translator, name, options.untrained)
    reading = ExtractOptions(signals=options.signals, units=options.units)
    rows = DocumentRows(model, lines.documents, reading)
    arrays = {source: each for source, each in rows.arrays().items() if source[0] in layers}
    provenance = {"model": dict(model.origin), "translator": dict(translator.origin), "dates": asdict(translator.dates),
                  "record": asdict(replace(options, layers=",".join(layers))), "versions": versions(),
                  "scheme": "lines, each from the zero state", "line_breaks": lines.breaks}
    recorded = Recorded.of(arrays, Corpus.of(lines.text, f"{place.parent.name} {name}"), spans=lines.spans,
                           units={source: rows.units[source] for source in arrays}, provenance=provenance)
    print(f"{place}: {len(lines.documents):,} lines, {len(recorded.segment):,} characters of "
          f"{', '.join(dict.fromkeys(layer for layer, _ in arrays))}; a line break {lines.breaks}")
    labels = {label.name: label.to_json(recorded.corpus.source["sha256"]) for label in lines.labels}
    store = write_store(recorded, place, keeping, beside=lambda folder: keep_labels(folder, labels))
    print(f"{place}: labels {', '.join(label.name for label in lines.labels)}")
    return store


def _part(translator: "Translator", name: str, untrained: int | None) -> "ForeignModel":
    """A part of the network, or of a twin of it."""
    from probe.activations.foreign import ForeignModel
    from probe.activations.foreign.untrained import untrained_twin
    from probe.attention.units.networks import decoder_of, encoder_of

    part = (encoder_of if name == ENCODER else decoder_of)(translator.model)
    model = ForeignModel.of(part, name)
    return model if untrained is None else untrained_twin(model, untrained)
