"""What the default recipe finds in a given time: held-out loss and the best unit of some patterns, over several seeds.

    python benchmarks/findings.py alice.txt --seconds 80 --patterns inside_quotes,after_quote,word_start
    python benchmarks/findings.py alice.txt --seconds 80 --patterns inside_quotes --length 100
    python benchmarks/findings.py embedded --seconds 120 --patterns indentation_depth,inside_brackets,comment,string
"""

import argparse
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

from probe.activations import ExtractOptions, selection_and_confirmation
from probe.cli.flags import add_options, options_from
from probe.render import table
from probe.scan import ScanOptions, scan
from probe.train import PRESETS, TrainOptions, train


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", help="a text file, or 'embedded'")
    parser.add_argument("--seconds", type=float, default=80)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--patterns", required=True)
    add_options(parser, TrainOptions, "recipe, if not the default", skip=("epochs", "steps", "minutes", "seed"),
                defaults=PRESETS["small"].training)
    arguments = parser.parse_args()
    names = arguments.patterns.split(",")
    rows = []
    for seed in arguments.seeds.split(","):
        with tempfile.TemporaryDirectory() as folder:
            options = replace(options_from(arguments, PRESETS["small"].training), epochs=None,
                              minutes=arguments.seconds / 60, seed=int(seed))
            text = None if arguments.text == "embedded" else arguments.text
            run = train(text, Path(folder) / "run", PRESETS["small"].model, options, show=False)
            pair = selection_and_confirmation(run, options=ExtractOptions(characters=400_000))
            found = scan(*pair, ScanOptions(patterns=arguments.patterns, top=1), show=False)
            best = {finding.pattern: finding for finding in found.findings}
            rows.append([seed, run.checkpoint("latest").step, found.provenance["confirmation"]["loss"],
                         *(number for name in names for number in (best[name].selection.correlation,
                                                                   best[name].confirmation.correlation,
                                                                   best[name].last_character.correlation))])
            print(table(("seed", "updates", "nats"), [rows[-1][:3]]), flush=True)
    headers = ["seed", "updates", "nats held out"]
    headers += [f"{name} {what}" for name in names for what in ("selection", "held out", "last char")]
    medians = ["median", *(statistics.median(abs(value) for value in column)
                           for column in list(zip(*rows, strict=True))[1:])]
    for place, header in enumerate(headers):
        values = [row[place] for row in [*rows, medians]]
        print(f"{header:34}", *(f"{value:>10}" if place < 2 else f"{value:10.3f}" for value in values))


if __name__ == "__main__":
    main()
