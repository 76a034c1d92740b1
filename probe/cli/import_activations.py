"""Import activations that another tool recorded: a store of them, which is scanned as a run is."""

import argparse
import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probe.activations import StoreOptions
from probe.cli.flags import add_options, options_from
from probe.cli.telling import put
from probe.cli.texts import path_named, text_named
from probe.corpus import Corpus, CorpusOptions
from probe.errors import UserError
from probe.files import open_array
from probe.render.alignment import ALIGNMENTS, READ

if TYPE_CHECKING:
    from probe.activations import Recorded

CONFIG = "lstm.yml"
ARRAYS, CONFIGS = (".npy", ".npz"), (".yml", ".yaml")
ITS_OWN = ("text", "name", "spans", "alignment", "dtype")


def is_meant(path: Path) -> bool:
    """Return whether ``path`` names activations, and not a network."""
    return path.suffix.lower() in (*ARRAYS, *CONFIGS) or (path / CONFIG).is_file()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("activations of another tool")
    group.add_argument("--text", metavar="TEXT", help="what was read: a file, a fetched corpus, or 'embedded' [the "
                       "file beside FILE whose name ends in .txt]")
    group.add_argument("--name", metavar="LAYER/SIGNAL", help="what an .npy file holds, such as 2/cell [1/hidden]")
    group.add_argument("--alignment", metavar="|".join(ALIGNMENTS), help="read: row t is the state once character t "
                       f"was read; predicted: the state that predicts it [{READ.name}]")
    group.add_argument("--spans", metavar="FILE.npy", help="where an array has one row a token: characters (start, "
                       "stop) of each")
    add_options(parser, StoreOptions, "keeping activations", skip=("every", "losses"), defaults=StoreOptions())


def run(arguments: argparse.Namespace) -> None:
    from probe.activations import write_store

    path = path_named(arguments.file)
    if not arguments.out:
        raise UserError(f"{path}: activations need --out FOLDER, the store that they become")
    folder = path_named(arguments.out)
    with _recorded(path, arguments) as recorded:
        if not arguments.json:
            units = ", ".join(f"{'/'.join(source)} of {len(held):,}" for source, held in recorded.units.items())
            put(f"{path}: {len(recorded.segment):,} characters; units: {units}")
        write_store(recorded, folder, options_from(arguments, StoreOptions()), show=not arguments.json)
        if arguments.json:
            print(json.dumps({"store": str(folder), "characters": len(recorded.segment),
                              "units": {"/".join(source): len(held) for source, held in recorded.units.items()},
                              "provenance": dict(recorded.provenance)}, indent=1))
        else:
            print(f"activations: {folder}    next: probe scan {folder}")


def _recorded(path: Path, arguments: argparse.Namespace) -> "AbstractContextManager[Recorded]":
    from probe.activations import recorded_in_lstmvis, recorded_in_npy, recorded_in_npz

    laying: dict[str, Any] = {"alignment": arguments.alignment or READ.name}
    if path.suffix.lower() not in ARRAYS:
        if arguments.text or arguments.name or arguments.spans:
            raise UserError(f"{path}: brings its own text, tokens and names; --text, --name and --spans are for arrays")
        return recorded_in_lstmvis(path / CONFIG if path.is_dir() else path, **laying)
    if arguments.spans:
        laying["spans"] = open_array(path_named(arguments.spans))
    text = _text(arguments)
    if path.suffix.lower() == ".npy":
        return recorded_in_npy(path, text, **laying, **({"name": arguments.name} if arguments.name else {}))
    if arguments.name:
        raise UserError(f"{path}: names its arrays itself; --name is for .npy files")
    return recorded_in_npz(path, text, **laying)


def _text(arguments: argparse.Namespace) -> Corpus | None:
    if not arguments.text:
        return None
    options = options_from(arguments, CorpusOptions())
    path = text_named(arguments.text)
    return Corpus.embedded(options) if path is None else Corpus.read(path, options)
