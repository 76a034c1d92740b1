"""Train a character model on a text, or go on with a training.

  probe train alice.txt --run runs/alice                       start; the same line again goes on
  probe train alice.txt --run runs/alice --epochs 60           the same training, longer
  probe train alice.txt --run runs/big --preset karpathy --minutes 240
  probe train embedded --run runs/python --minutes 10          Python's own standard library
"""

import argparse

from probe.cli.flags import add_options, options_from, take_budget
from probe.cli.texts import path_named, text_named
from probe.corpus import CorpusOptions
from probe.interrupt import StopSignals
from probe.model.options import ModelOptions
from probe.options import named
from probe.train import PRESETS, TrainOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT",
                        help="a text file, a corpus by name ('probe corpus list'), or 'embedded': Python's own library")
    parser.add_argument("--run", required=True, metavar="FOLDER", help="the run directory, new or to go on with")
    presets = "; ".join(f"{name}: {preset.meaning}" for name, preset in PRESETS.items())
    parser.add_argument("--preset", default="small", metavar="|".join(PRESETS),
                        help=f"defaults of the options below. {presets} [small]")
    small = PRESETS["small"]
    add_options(parser, TrainOptions, "training", defaults=small.training)
    add_options(parser, ModelOptions, "network", defaults=small.model)
    add_options(parser, CorpusOptions, "reading the text", defaults=small.corpus)


def run(arguments: argparse.Namespace) -> None:
    preset = named("preset", arguments.preset, PRESETS)
    take_budget(arguments)
    training = options_from(arguments, preset.training)
    model, corpus = options_from(arguments, preset.model), options_from(arguments, preset.corpus)
    with StopSignals("stopped before anything was done"):
        folder = path_named(arguments.run)
        text = text_named(arguments.text, folder)
        from probe.train import train
    train(text, folder, model, training, corpus_options=corpus)
