"""Give activations to other tools: as numpy arrays with their text beside them, or as a folder that LSTMVis serves.

  probe export acts/ --as npz --out acts.npz                       all of them, and acts.txt
  probe export acts/ --as npy --out h2.npy --only 2/hidden         one layer and signal, and h2.txt
  probe export acts/ --as lstmvis --out lstmvis/alice              serve it with: python lstm_server.py -dir lstmvis
  probe export acts/ --as lstmvis --out lstmvis/alice --patterns inside_quotes,word_start
"""

import argparse
from typing import TYPE_CHECKING

from probe.cli.stores import store_named
from probe.cli.texts import file_named, path_named
from probe.corpus import Corpus
from probe.errors import UserError
from probe.options import named
from probe.patterns import parse_patterns
from probe.patterns.labeller import Labeller

if TYPE_CHECKING:
    from probe.activations import Annotations

FORMATS = ("lstmvis", "npy", "npz")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("activations", metavar="ACTS", help="a store of activations, made by 'probe extract' or 'probe "
                        "import'")
    parser.add_argument("--as", dest="form", required=True, metavar="|".join(FORMATS), help="the format")
    parser.add_argument("--out", required=True, metavar="PATH", help="the file, which ends in .npy or .npz, or for "
                        "lstmvis the folder")
    parser.add_argument("--only", default="", metavar="NAMES", help="layers and signals, parted by commas, such as "
                        "1/hidden,2/cell [all]")
    parser.add_argument("--patterns", metavar="NAMES", help="for lstmvis: patterns whose labels it draws beside the "
                        "units")


def run(arguments: argparse.Namespace) -> None:
    from probe.activations import export_lstmvis, export_npy, export_npz
    from probe.activations.interchange.names import joined

    form, out = arguments.form, path_named(arguments.out)
    named("format", form, dict.fromkeys(FORMATS))
    if form != "lstmvis" and (out.suffix != f".{form}" or arguments.patterns):
        raise UserError(f"--patterns is for lstmvis; {form} holds activations alone" if arguments.patterns else
                        f"--out must end in .{form}; received {out}")
    if form != "lstmvis":
        file_named(arguments.out, "--out")
    store = store_named(arguments.activations)
    only = [name for name in arguments.only.split(",") if name]
    if form == "lstmvis":
        export_lstmvis(store, out, only, annotations=_annotations(store.corpus, arguments.patterns))
        print(f"LSTMVis: {out}    serve it with: python lstm_server.py -dir {out.parent}")
        return
    (export_npy if form == "npy" else export_npz)(store, out, only)
    text = out.with_suffix(".txt")
    name = f" --name {only[0] if only else joined(next(iter(store.units)))}" if form == "npy" else ""
    print(f"arrays: {out}    text: {text}    back again: probe import {out} --text {text}{name} --out FOLDER")


def _annotations(corpus: Corpus, names: str | None) -> "Annotations | None":
    from probe.activations import Annotations

    if not names:
        return None
    labeller = Labeller(parse_patterns(names, corpus.language), corpus)
    return Annotations(tuple(pattern.name for pattern in labeller.patterns), labeller.labels)
