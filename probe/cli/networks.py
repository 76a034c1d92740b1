"""What RUN|MODEL names on the command line: a run of ours, or a network that others made."""

import argparse
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probe.activations import ExtractOptions
from probe.activations.foreign import ForeignOptions
from probe.cli.flags import add_options, one_of, options_from
from probe.cli.texts import text_named
from probe.corpus import Corpus, CorpusOptions, Segment
from probe.errors import UserError
from probe.files import near_path

if TYPE_CHECKING:
    from probe.activations.foreign import KerasExtraction

ACTIVATIONS = ("sigmoid", "hard_sigmoid")
# The folder of an imported network holds this file.
IMPORTED = "network.json"
# What folders of runs, stores, networks and classifiers hold, and how files of networks end.
DESCRIBED = ("run.json", "store.json", IMPORTED, "classifier.json")
NETWORK_FILES = (".keras", ".h5", ".hdf5")
# What is for networks of others alone; a stand-in is for runs too.
FOREIGN = tuple(field.name for field in fields(ForeignOptions) if field.name != "stand_in")


def add_network(parser: argparse.ArgumentParser) -> None:
    """Add the flags for a network that others made, and for how TEXT is read."""
    parser.add_argument("--checkpoint", default="best", metavar="best|latest|STEP", help="weights of a run [best]")
    parser.add_argument("--encoding", default="utf-8", metavar="NAME", help="of TEXT [utf-8]")
    add_options(parser, ForeignOptions, "networks of others (--stand-in also for runs)", defaults=ForeignOptions())
    add_recurrent_activation(parser)


def add_recurrent_activation(parser: argparse.ArgumentParser) -> None:
    """Add the flag for what some files of networks leave open."""
    flag = "--recurrent-activation"
    parser.add_argument(flag, type=one_of(flag, ACTIVATIONS), metavar="|".join(ACTIVATIONS), help="of the gates, for a "
                        "Keras 2 file of weights alone that does not tell")


def is_foreign(path: Path) -> bool:
    """Return whether ``path`` names a network that others made; what is neither that nor a run counts as a run."""
    return path.is_file() or (path / IMPORTED).exists()


def check_there(path: Path) -> None:
    """Raise :class:`UserError` if there is nothing at ``path``, with what is called nearly so, or a file that is no
    network."""
    if not path.exists():
        raise UserError(f"{path}: no such file or folder{near_path(path, DESCRIBED, NETWORK_FILES)}")
    if path.is_file():
        from probe.model.network_file import check_network_file

        check_network_file(path)


def segment_asked(corpus: Corpus, start: int, stop: int | None) -> Segment:
    """Return the part of a text that ``--from`` and ``--to`` name; None is its end.

    Raises:
        UserError: it is empty, or not within the text.
    """
    if not 0 <= start < len(corpus):
        raise UserError(f"--from must be 0 to {len(corpus) - 1:,}, a character of the text; received {start:,}")
    if stop is not None and not start < stop <= len(corpus):
        raise UserError(f"--to must be {start + 1:,} to {len(corpus):,}, behind --from and within the text; received "
                        f"{stop:,}")
    return Segment(start, len(corpus) if stop is None else stop)


def check_own(path: Path, arguments: argparse.Namespace) -> None:
    """Raise :class:`UserError` if a flag was given that is for networks of others."""
    given = [name for name in FOREIGN if name in arguments]
    if given:
        raise UserError(f"--{given[0]} is for networks of others, and {path} is a run, which knows this of itself")


def foreign_extraction(path: Path, arguments: argparse.Namespace, options: ExtractOptions,
                       segment: tuple[int, int | None] = (0, None)) -> "KerasExtraction":
    """Describe the reading of TEXT by a network that others made.

    Args:
        path: the network's file or folder.
        arguments: with TEXT and the flags of :func:`add_network`.
        options: what to record, and how.
        segment: first and last character plus one; None is the end of the text.

    Raises:
        UserError: there is no TEXT, a checkpoint was named, or as ``KerasExtraction.of`` and ``open_model`` do.
    """
    if not arguments.text:
        raise UserError(f"{path}: is a network of others, which has no text of its own; give TEXT after it")
    if arguments.checkpoint != "best":
        raise UserError(f"--checkpoint is for runs, and {path} is a network of others, with one set of weights")
    named, reading = text_named(arguments.text), CorpusOptions(encoding=arguments.encoding)
    known: dict[str, Any] = {"progress": True}
    corpus = Corpus.embedded(reading, **known) if named is None else Corpus.read(named, reading, **known)
    part, foreign = segment_asked(corpus, *segment), options_from(arguments, ForeignOptions())

    from probe.activations.foreign import KerasExtraction, open_model  # and TensorFlow, once simple mistakes are told

    model = open_model(path, recurrent_activation=arguments.recurrent_activation)
    return KerasExtraction.of(model, corpus, part, foreign=foreign, options=options)
