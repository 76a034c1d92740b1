"""Import a network that Keras saved, or activations that another tool recorded.

  probe import weights-improvement-300-0.8.hdf5 --corpus alice.txt --run runs/article --preset article
  probe import char_model.h5 --corpus book.txt --run runs/book
  probe import char_model.keras --corpus book.txt --run runs/book
  probe import classifier.h5 --out networks/classifier
  probe import weights.h5 --architecture model.json --out networks/other
  probe import classifier.h5                                       look and check, write nothing
  probe import acts.npy --text book.txt --out acts/                an array (characters, units), from any framework
  probe import acts.npz --out acts/                                several; the text is acts.txt beside it
  probe import lstmvis/lstm.yml --out acts/                        a folder of LSTMVis
"""

import argparse
from dataclasses import fields

from probe.cli import import_activations, import_networks
from probe.cli.texts import path_named
from probe.errors import UserError
from probe.model.options import ModelOptions
from probe.train import TrainOptions

OF_NETWORKS = ("corpus", "run", "architecture", "preset",
               *(field.name for options in (ModelOptions, TrainOptions) for field in fields(options)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a .keras file; what Keras 2 saved: weights alone, or a "
                        "whole model (.h5, .hdf5); or activations: .npy, .npz, or the lstm.yml of LSTMVis")
    parser.add_argument("--out", metavar="FOLDER", help="the folder that activations become, or a network that is no "
                        "character model")
    parser.add_argument("--json", action="store_true", help="print what was read and done as JSON")
    import_activations.add_arguments(parser)
    import_networks.add_arguments(parser)


def run(arguments: argparse.Namespace) -> None:
    activations = import_activations.is_meant(path_named(arguments.file))
    command, foreign, kind = ((import_activations, OF_NETWORKS, "networks") if activations else
                              (import_networks, import_activations.ITS_OWN, "activations"))
    given = [name for name in foreign if getattr(arguments, name, None) is not None]
    if given:
        raise UserError(f"{arguments.file}: --{given[0].replace('_', '-')} is for {kind}, which this is none of")
    command.run(arguments)
