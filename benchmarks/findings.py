"""What a recipe finds: the best unit of some patterns in networks of several seeds, with all that a scan says of it.

    python benchmarks/findings.py alice.txt --steps 3000 --dropout 0.25 --splits 0.5,0.05,0.45 \\
        --patterns inside_quotes,after_quote,word_start
    python benchmarks/findings.py embedded --steps 4000 --batch 8 --length 200 --splits 0.6,0.1,0.3 \\
        --characters 900000 --patterns string,comment,docstring,indentation_depth,inside_brackets,bracket_depth

Seeds, steps and texts give the same networks again, up to the rounding of the processor. The patterns named are scanned
for and tested as one family.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from probe.activations import ExtractOptions, selection_and_confirmation
from probe.cli.flags import add_options, options_from
from probe.corpus import CorpusOptions
from probe.model import ModelOptions
from probe.scan import ScanOptions, scan
from probe.scan.controls.ablation import AblationOptions
from probe.scan.controls.logistic import ProbeOptions
from probe.scan.tables import summary
from probe.train import PRESETS, TrainOptions, train


def main() -> None:
    small = PRESETS["small"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", help="a text file, or 'embedded'")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--patterns", required=True)
    parser.add_argument("--signals", default="hidden,cell")
    parser.add_argument("--characters", type=int, default=400_000, help="most of each text that is scanned")
    add_options(parser, TrainOptions, "training", skip=("seed",), defaults=small.training)
    add_options(parser, ModelOptions, "network", defaults=small.model)
    add_options(parser, CorpusOptions, "text", defaults=small.corpus)
    arguments = parser.parse_args()
    training = options_from(arguments, small.training)
    if training.steps or training.minutes:
        training = replace(training, epochs=None)
    text = None if arguments.text == "embedded" else arguments.text
    reading = ExtractOptions(characters=arguments.characters, signals=arguments.signals)
    for seed in arguments.seeds.split(","):
        with tempfile.TemporaryDirectory() as folder:
            run = train(text, Path(folder) / "run", options_from(arguments, small.model),
                        replace(training, seed=int(seed)), corpus_options=options_from(arguments, small.corpus),
                        show=False)
            selection, confirmation = selection_and_confirmation(run, options=reading)
            found = scan(selection, confirmation, ScanOptions(patterns=arguments.patterns, top=1),
                         ablation=AblationOptions(ablated=0), probes=ProbeOptions(probes=0), show=False)
            held_out = found.provenance["confirmation"]
            print(f"seed {seed}: best at step {run.checkpoint('best').step:,}, {held_out['loss']:.3f} nats on "
                  f"{held_out['stop'] - held_out['start']:,} held-out characters", summary(found.findings), sep="\n",
                  flush=True)


if __name__ == "__main__":
    main()
