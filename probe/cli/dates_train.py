"""Train a network that reads dates as people write them, or go on with a training.

  probe dates train --run runs/dates                            English; the same line again goes on
  probe dates train --run runs/dates --minutes 10               the same training, longer
  probe dates train --run runs/languages --preset languages     twenty locales
  probe dates train --run runs/own --locales en_US,de_AT --styles all --first-year 1900 --steps 5000
"""

import argparse
import shlex

from probe.attention import RECIPES, DateOptions, TranslatorOptions, TranslatorTrainOptions
from probe.attention.translator.run import TranslatorRun
from probe.cli.flags import add_options, options_from
from probe.cli.texts import path_named
from probe.interrupt import StopSignals
from probe.options import named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", required=True, metavar="FOLDER", help="the run directory, new or to go on with")
    presets = "; ".join(f"{name}: {recipe.meaning}" for name, recipe in RECIPES.items())
    parser.add_argument("--preset", default="english", metavar="|".join(RECIPES),
                        help=f"defaults of the options below. {presets} [english]")
    english = RECIPES["english"]
    add_options(parser, DateOptions, "dates", defaults=english.dates)
    add_options(parser, TranslatorTrainOptions, "training", defaults=english.training)
    add_options(parser, TranslatorOptions, "network", defaults=english.model)


def run(arguments: argparse.Namespace) -> None:
    recipe = named("preset", arguments.preset, RECIPES)
    if "steps" in arguments and "minutes" not in arguments:  # a budget that was asked for replaces that of the preset
        arguments.minutes = None
    dates, training = options_from(arguments, recipe.dates), options_from(arguments, recipe.training)
    model, folder = options_from(arguments, recipe.model), path_named(arguments.run)
    if (folder / "run.json").exists():
        TranslatorRun.open(folder)
    with StopSignals("stopped before anything was done"):
        from probe.attention import train_translator
    train_translator(folder, dates, model, training)
    named_so = shlex.quote(str(folder))
    print(f'ask it:     probe dates translate --run {named_so} "5th November 2016"\n'
          f'look at it: probe dates map --run {named_so} "Saturday 5 November 2016" --out map.html\n'
          f"measure it: probe dates test --run {named_so}")
