"""Import a network that Keras saved: a run of a character model, or a folder of any other network."""

import argparse
import json
import shlex
import sys
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probe.cli.flags import add_options, options_from, take_budget
from probe.cli.networks import ACTIVATIONS, check_there
from probe.cli.telling import put
from probe.cli.texts import path_named, text_named
from probe.corpus import CorpusOptions
from probe.errors import UserError
from probe.model.options import ModelOptions
from probe.options import named
from probe.render.table import table
from probe.train import PRESETS, Preset, TrainOptions

if TYPE_CHECKING:
    from probe.model.legacy import CharStack, LegacyFile, LegacyNetwork, Parity

OF_THE_FILE = ("units", "layers", "input", "embedding")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--architecture", metavar="FILE.json",
                        help="for weights alone, if they are no character model: what model.to_json() returned")
    parser.add_argument("--corpus", metavar="TEXT", help="the text that a character model was trained on: a file, a "
                        "fetched corpus, or 'embedded'; with --run")
    parser.add_argument("--run", metavar="FOLDER", help="the run that a character model becomes, new")
    parser.add_argument("--preset", metavar="|".join(PRESETS), help="how the text is read and the training goes on; "
                        "'article' for the article's own weights")
    add_options(parser, ModelOptions, "network", skip=OF_THE_FILE)
    add_options(parser, CorpusOptions, "reading the text")
    add_options(parser, TrainOptions, "training, as 'probe train' goes on with it")


def run(arguments: argparse.Namespace) -> None:
    _check(arguments)
    from probe.model.legacy import char_stack

    path, say = path_named(arguments.file), _say_nothing if arguments.json else put
    network = _read(path, arguments, say)
    stack = char_stack(network)
    if isinstance(stack, str) and arguments.run:
        raise UserError(f"{path}: is no character model: {stack}; --out FOLDER takes any network")
    if network.told_by == "shapes" and arguments.out:
        raise UserError(f"{path}: holds weights alone, which do not tell all of an architecture; --out needs "
                        "--architecture FILE.json, what model.to_json() returned")
    layers = _layers(network)
    say(f"{path}: {_kind(network)}, {_version(network.file)}")
    say(f"{sum(layer['weights'] for layer in layers):,} weights in {len(layers)} layers")
    say(table(("layer", "class", "weights", "re-laid"), [list(layer.values()) for layer in layers]))
    if arguments.out or isinstance(stack, str):
        parity, made = _as_network(network, arguments, say)
    else:
        parity, made = _as_run(stack, arguments, say)
    if arguments.json:
        print(json.dumps({**network.origin(), "layers": layers, "parity": asdict(parity), **made}, indent=1))


def _read(path: Path, arguments: argparse.Namespace, say: Any) -> "LegacyNetwork":
    from probe.model.keras_file import is_keras_file, read_keras_file
    from probe.model.legacy import LegacyFile, LegacyNetwork

    check_there(path)
    if is_keras_file(path):
        if arguments.architecture:
            raise UserError(f"{path}: holds its own architecture; --architecture is for weights-only files")
        return read_keras_file(path, _given_activation(arguments))
    file = LegacyFile.read(path)
    if arguments.architecture:
        return LegacyNetwork.of(file, path_named(arguments.architecture), _given_activation(arguments))
    return LegacyNetwork.of(file, None, _recurrent_activation(arguments, file, say))


def _as_network(network: "LegacyNetwork", arguments: argparse.Namespace, say: Any) -> tuple["Parity", dict[str, Any]]:
    from probe.model.imported import ImportedNetwork
    from probe.model.legacy import network_parity

    modern, weights = network.relaid()
    parity = network_parity(network, modern, weights)
    say(_told(parity))
    if not arguments.out:
        say("nothing was written: --out FOLDER keeps the network")
        return parity, {}
    folder = path_named(arguments.out)
    ImportedNetwork(modern, weights, {**network.origin(), "parity": asdict(parity)}).save(folder)
    say(f"network: {folder}")
    return parity, {"network": str(folder)}


def _as_run(stack: "CharStack", arguments: argparse.Namespace, say: Any) -> tuple["Parity", dict[str, Any]]:
    from probe.model.legacy import char_parity

    preset = _preset(stack, arguments)
    take_budget(arguments)
    model = options_from(arguments, replace(stack.options, dropout=preset.model.dropout))
    corpus, training = options_from(arguments, preset.corpus), options_from(arguments, preset.training)
    parity = char_parity(stack)
    say(f"a character model: {model.layers} × {model.units} units, {stack.vocabulary} characters, {model.input} input")
    say(_told(parity))
    if not arguments.run:
        say("nothing was written: --corpus TEXT --run FOLDER makes a run of it")
        return parity, {}
    from probe.model.legacy import leaves_open_recurrent_activation
    from probe.train.adoption import adopt, loss_as

    folder, text = path_named(arguments.run), text_named(arguments.corpus)
    origin = {**stack.network.origin(), "parity": asdict(parity)}
    adopted = adopt(text, folder, stack.weights, stack.vocabulary, origin, model, training, corpus,
                    show=not arguments.json)
    record = adopted.log[0]
    say(f"on the validation split of {adopted.corpus.source['name']}: {record['validation_loss']:.3f} nats "
        f"({record['validation_bits']:.3f} bits a character)")
    made: dict[str, Any] = {"run": str(folder), "validation_loss": record["validation_loss"]}
    if stack.network.told_by == "shapes" and leaves_open_recurrent_activation(stack.network.file):
        other = next(name for name in ACTIVATIONS if name != model.recurrent_activation)
        loss = loss_as(adopted, replace(model, recurrent_activation=other))
        better = loss < record["validation_loss"]
        say(f"with {other} gates it would be {loss:.3f} nats" + (
            f": they fit the text better, so import it anew with --recurrent-activation {other}" if better else ""))
        made[f"validation_loss_if_{other}"] = loss
    command = _command(arguments, model, training, corpus)
    say(f"run: {folder}    next: probe scan {folder}\ntrain it further: {command}")
    return parity, {**made, "train": command}


def _preset(stack: "CharStack", arguments: argparse.Namespace) -> Preset:
    """The recipe named, or one that follows from the file."""
    if arguments.preset:
        preset = PRESETS[arguments.preset]
        tells = stack.network.told_by != "shapes"
        return replace(preset, model=replace(preset.model, dropout=stack.options.dropout)) if tells else preset
    training = PRESETS["small"].training
    if stack.last_only:
        training = replace(training, objective="last", length=stack.length or 100)
    return Preset("as the file tells", CorpusOptions(), stack.options, training)


def _command(arguments: argparse.Namespace, *made: Any) -> str:
    """The line with which the training goes on: its options are those that differ from the preset's."""
    preset = PRESETS[arguments.preset or "small"]
    words = ["probe", "train", arguments.corpus, "--run", arguments.run]
    words += ["--preset", arguments.preset] if arguments.preset else []
    for defaults, options in zip((preset.model, preset.training, preset.corpus), made, strict=True):
        for field in fields(options):
            value, flag = getattr(options, field.name), "--" + field.name.replace("_", "-")
            if value is None or value == getattr(defaults, field.name):
                continue  # only a budget can be None, where another one replaces it
            words += [flag] if value is True else [f"--no-{flag[2:]}"] if value is False else [flag, str(value)]
    return shlex.join(words)


def _check(arguments: argparse.Namespace) -> None:
    if arguments.preset:
        named("preset", arguments.preset, PRESETS)
    if bool(arguments.corpus) != bool(arguments.run):
        raise UserError("a character model needs both --corpus TEXT and --run FOLDER; received one of them")
    if arguments.out and arguments.run:
        raise UserError("--run and --out exclude each other: --run is for a character model, --out for other networks")


def _given_activation(arguments: argparse.Namespace) -> str | None:
    return getattr(arguments, "recurrent_activation", None)


def _recurrent_activation(arguments: argparse.Namespace, file: "LegacyFile", say: Any) -> str | None:
    """What the user says, by flag or, if the file cannot tell, at the terminal; None takes what is known or usual."""
    from probe.model.legacy import default_recurrent_activation, leaves_open_recurrent_activation

    given = _given_activation(arguments)
    if given is not None or not leaves_open_recurrent_activation(file):
        return given
    default = default_recurrent_activation(file)
    other = next(name for name in ACTIVATIONS if name != default)
    reason = f"the default of {_version(file)}"
    if file.keras_version == "2.2.4-tf":
        reason += ", but not in TensorFlow 2.0 and 2.1, which give the same version"
    if sys.stdin.isatty() and sys.stdout.isatty() and not arguments.json:
        say(f"{file.path}: does not say whether its LSTMs have sigmoid or hard_sigmoid gates.")
        question = f"sigmoid or hard_sigmoid? [{default}, {reason}] "
        while (answer := _answer(question)) not in ("", *ACTIVATIONS):
            say("please answer sigmoid or hard_sigmoid, or nothing for the default")
        return answer or None
    say(f"{file.path}: does not say its recurrent activation; taken is {default}, {reason}; "
        f"--recurrent-activation {other} says otherwise")
    return None


def _answer(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError:  # Ctrl-D
        print()
        return ""


def _layers(network: "LegacyNetwork") -> list[dict[str, Any]]:
    return [{"name": layer.name, "class": layer.kind,
             "weights": sum(array.size for array in network.arrays.get(layer.name, ())),
             "relaid": network.relaying(layer)}
            for layer in network.architecture.layers]


def _kind(network: "LegacyNetwork") -> str:
    return {"file": "a whole model", "json": "weights alone, architecture from JSON",
            "shapes": "weights alone, architecture by their shapes"}[network.told_by]


def _version(file: "LegacyFile") -> str:
    return f"Keras {file.keras_version}" if file.keras_version else "a Keras that does not say its version"


def _told(parity: "Parity") -> str:
    return (f"parity: {parity.outputs:,} outputs of all layers differ from a float64 pass over the file's own arrays "
            f"by {parity.absolute:.1e} at most, by {parity.relative:.1e} of a layer's largest")


def _say_nothing(*words: object) -> None:
    """Print no line, where the output is JSON."""
