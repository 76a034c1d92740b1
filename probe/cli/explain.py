"""Explain what a text classifier decided: which words or characters spoke for a label, and which against it.

  probe explain runs/demo-explain scripts/train_reviews.py --method integrated_gradients --html why.html
  probe explain runs/reviews --text "a film that never comes alive" --method lrp_epsilon
  probe explain runs/reviews reviews.txt --lines --method lrp_epsilon        a text a line, one scale of colours
  probe explain runs/multilabel scripts/train_reviews.py --target all --method integrated_gradients --html labels.html
  cat letter.txt | probe explain runs/newsgroups - --target sci.space,sci.med --method occlusion --json
  probe explain runs/newsgroups letter.txt --layer convolution_1 --strip strip.png --plot text.svg    a map of a layer
  probe explain model.keras letter.txt --method occlusion --vocabulary words.json --unknown 1 --labels bad,good
  probe explain old.h5 --ids 1,4825,14,9,87 --method lrp_epsilon             a network without its vocabulary

'make demo-explain' makes the classifier runs/demo-explain; scripts/train_reviews.py, train_newsgroups.py,
train_characters.py and train_multilabel.py make runs/reviews, runs/newsgroups, runs/characters and runs/multilabel.
"""

import argparse
import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.cli.flags import add_options, options_from
from probe.cli.networks import add_recurrent_activation, check_there
from probe.cli.showing import add_outputs, depth_of, draw, drawing_named
from probe.cli.telling import put
from probe.cli.texts import PAGE, check_files, path_named
from probe.errors import UserError
from probe.explain.options import ExplainOptions, TextOptions
from probe.explain.registry import METHODS, method_class, method_of
from probe.explain.tokenizers import TableTokenizer
from probe.explain.tokenizers.index import read_index
from probe.files import near_path, read_text

if TYPE_CHECKING:
    from probe.explain.classifier.classifier import Classifier
    from probe.model.engine import keras

# The folder of a classifier holds this file.
CLASSIFIER = "classifier.json"
OF_TEXTS = tuple(field.name for field in fields(TextOptions))
QUESTIONS = (*(field.name for field in fields(ExplainOptions)), *OF_TEXTS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a classifier's folder, or one in which it is called "
                        "'classifier'; or a network: a .keras file, a Keras 2 file, or a folder that 'probe import "
                        "--out' made")
    parser.add_argument("file", metavar="TEXT", nargs="?", help="a text file in UTF-8, or - for the standard input")
    given = parser.add_argument_group("what is explained, in place of TEXT")
    given.add_argument("--text", metavar="WORDS", help="the text itself")
    given.add_argument("--ids", metavar="ID,ID,…", help="ids, for a network without its vocabulary")
    given.add_argument("--lines", action="store_true", help="each line of TEXT is a text of its own")
    shown = parser.add_argument_group("what is given back")
    add_outputs(shown)
    shown.add_argument("--plot", metavar="FILE", help="draw the coloured text (.png, .svg or .pdf)")
    shown.add_argument("--strip", metavar="FILE", help="draw the weights, and a layer's map, over the tokens")
    shown.add_argument("--json", action="store_true", help="print the explanations as JSON")
    add_options(parser, ExplainOptions, "the question", defaults=ExplainOptions(), readers={"method": _method_named})
    add_options(parser, TextOptions, "networks that are no classifier's folder", defaults=TextOptions())
    add_recurrent_activation(parser)
    _add_settings(parser)


def run(arguments: argparse.Namespace) -> None:
    check_files(arguments, html=PAGE)
    path, options = network_named(arguments.model), options_from(arguments, ExplainOptions())
    drawings = {flag: drawing_named(getattr(arguments, flag), f"--{flag}") for flag in ("plot", "strip")
                if getattr(arguments, flag) is not None}
    settings = _settings(options, arguments)
    documents = _documents(arguments)
    own = is_classifier(path)
    if not own and (path / "run.json").exists():
        raise UserError(f"{path}: is a run, which decides nothing; 'probe scan {path}' looks at it")
    if not own and path.is_dir() and not (path / "network.json").exists():
        raise UserError(f"{path}: is neither a classifier's folder nor a network that 'probe import --out' made")
    known = _of_classifier(path, arguments) if own else _of_network(path, arguments)
    from probe.explain import explain_all  # and TensorFlow, once simple mistakes are told

    model = _opened(path, arguments)
    found = explain_all(model, documents, method=options.method, target=_target(options.target, _labels(model, known)),
                        layer=_layer(options.layer), output=options.output, baseline=options.baseline,
                        pads=options.pads, seed=options.seed, **known, **settings)
    shown = found if len(found) > 1 else found[0]
    if arguments.json:
        print(json.dumps(found.to_json(), indent=1))
    else:
        print(shown.to_terminal(max(20, shutil.get_terminal_size().columns), depth_of(arguments.colour)))
    if arguments.html is not None:
        _say(f"page: {shown.to_html(path_named(arguments.html)).resolve()}", arguments)
    for flag, drawing in drawings.items():
        draw(shown.figure() if flag == "plot" else shown.strip(), drawing)
        _say(f"{flag}: {drawing.resolve()}", arguments)


def _method_named(name: str) -> str:
    method_class(name)  # which tells what is near to a name that is none
    return name


def network_named(name: str) -> Path:
    """Return the file or folder that MODEL names; of a recipe's folder the classifier in it.

    Raises:
        UserError: there is none, or it is a file that is no network.
    """
    path = path_named(name)
    check_there(path)
    inside = path / "classifier"
    return inside if is_classifier(inside) and not is_classifier(path) else path


def is_classifier(path: Path) -> bool:
    """Return whether ``path`` is a folder that ``Classifier.save`` wrote."""
    return (path / CLASSIFIER).exists()


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """Add a flag for each setting of a method, once for the methods that share it."""
    owners: dict[str, list[str]] = {}
    for name in METHODS:
        for setting in _settings_of(name):
            owners.setdefault(setting, []).append(name)
    for name in METHODS:
        kind = method_class(name)
        own = [setting for setting in _settings_of(name) if owners[setting][0] == name]
        others = dict.fromkeys(other for setting in own for other in owners[setting][1:])
        if own:
            title = f"settings of {name}" + (f" (some also of {', '.join(others)})" if others else "")
            add_options(parser, kind, title,
                        skip=tuple(field.name for field in fields(kind) if field.name not in own), defaults=kind())


def _settings_of(method: str) -> list[str]:
    """The names of a method's settings that are no flags already."""
    return [field.name for field in fields(method_class(method)) if field.name not in QUESTIONS]


def _settings(options: ExplainOptions, arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given, once the method has accepted them and the layer."""
    known = {setting for name in METHODS for setting in _settings_of(name)}
    given = {name: value for name, value in vars(arguments).items() if name in known}
    method_of(options.method, given, _layer(options.layer))
    return given


def _documents(arguments: argparse.Namespace) -> Sequence[Any]:
    given = [name for name, value in (("TEXT", arguments.file), ("--text", arguments.text), ("--ids", arguments.ids))
             if value is not None]
    if len(given) != 1:
        raise UserError("one of TEXT, --text and --ids says what is explained; received "
                        f"{' and '.join(given) or 'none'}")
    if arguments.ids is not None:
        if arguments.lines:
            raise UserError("--lines is for texts, and --ids gives one row of ids")
        words = [word.strip() for word in arguments.ids.split(",")]
        if not all(re.fullmatch("[0-9]{1,9}", word) for word in words):
            raise UserError(f"--ids must be whole numbers with commas between them; received {arguments.ids!r:.80}")
        return [np.array(words, np.int64)]
    text = arguments.text if arguments.text is not None else _read(arguments.file)
    texts = [line.removesuffix("\r") for line in text.split("\n") if line.strip()] if arguments.lines else [text]
    if not texts or not texts[0].strip():
        raise UserError(f"{arguments.file or '--text'}: holds no text")
    return texts


def _read(name: str) -> str:
    if name != "-":
        path = path_named(name)
        if not path.exists():
            raise UserError(f"{path}: no such file{near_path(path, endings=('',)) or '; --text gives the text itself'}")
        return read_text(path)
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"the standard input is not UTF-8 at byte {error.start:,}") from error


def _of_classifier(path: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    given = [name for name in (*OF_TEXTS, "recurrent_activation") if getattr(arguments, name, None) is not None]
    if given:
        raise UserError(f"--{given[0].replace('_', '-')} is for networks alone, and {path} is a classifier, which "
                        "knows this of itself")
    return {}


def _of_network(path: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """What :func:`probe.explain.explain` is told of a network that came without it."""
    options = options_from(arguments, TextOptions())
    if options.vocabulary is None and arguments.ids is None:
        raise UserError(f"{path}: is a network without a tokenizer: --vocabulary FILE names its tokens and ids, or "
                        "--ids gives ids in place of a text")
    tokenizer: TableTokenizer | None = None
    if options.vocabulary is not None:
        tokenizer = options.tokenizer(read_index(path_named(options.vocabulary)))
    return {"tokenizer": tokenizer, "labels": options.names, "pad_value": options.pad_value,
            "padding": options.padding}


def _opened(path: Path, arguments: argparse.Namespace) -> "Classifier | keras.Model":
    if is_classifier(path):
        from probe.explain.classifier.classifier import Classifier

        return Classifier.open(path)
    from probe.activations.foreign import open_model

    return open_model(path, recurrent_activation=arguments.recurrent_activation).model


def _labels(model: Any, known: Mapping[str, Any]) -> Sequence[str]:
    return getattr(model, "labels", None) or known.get("labels") or ()


def _target(given: str | None, labels: Sequence[str]) -> Any:
    """A label, a number, a list of these, ``"all"``, or None, as the words on the command line mean it."""
    if given is None or given in labels or given == "all":
        return given
    words = [word.strip() for word in given.split(",")]
    asked = [int(word) if word not in labels and re.fullmatch("[0-9]{1,9}", word) else word for word in words]
    return asked if len(asked) > 1 else asked[0]


def _layer(given: str | None) -> str | int | None:
    return int(given) if given is not None and re.fullmatch("-?[0-9]{1,9}", given) else given


def _say(line: str, arguments: argparse.Namespace) -> None:
    put(line, beside=arguments.json)
