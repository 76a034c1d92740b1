"""The kept files that carry a version, and how each of them is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probe.files import read_json


@dataclass(frozen=True)
class Opening:
    """One way in.

    Attributes:
        files: pattern of the files that carry the version.
        open: opens what is in a folder.
        command: a command that does; ``{}`` is the folder. Empty where there is none.
    """

    files: str
    open: Callable[[Path], Any]
    command: tuple[str, ...] = ()


def _run(folder: Path) -> Any:
    from probe.model import Run

    return Run.open(folder / "run")


def _translator_run(folder: Path) -> Any:
    from probe.attention.translator.run import TranslatorRun

    return TranslatorRun.open(folder / "run")


def _store(folder: Path) -> Any:
    from probe.activations import Store

    return Store.open(folder / "acts")


def _unfinished(folder: Path) -> Any:
    from probe.activations import write_store
    from tests.formats.make import activations

    return write_store(activations(), folder / "acts", show=False)


def _findings(folder: Path) -> Any:
    from probe.scan import Findings

    return Findings.load(folder / "findings")


def _network(folder: Path) -> Any:
    from probe.model.imported import ImportedNetwork

    return ImportedNetwork.open(folder / "network")


def _classifier(folder: Path) -> Any:
    from probe.explain import Classifier

    return Classifier.open(folder / "classifier")


def _translator(folder: Path) -> Any:
    from probe.attention import Translator

    return Translator.open(folder / "translator")


def _receipt(folder: Path) -> Any:
    from probe.corpus.catalogue import receipt

    return receipt("alice", cache=folder / "corpora")


def _map(folder: Path) -> Any:
    from probe.attention import AttentionMap

    return AttentionMap.from_json(read_json(folder / "map.json"))


def _explanation(folder: Path) -> Any:
    from probe.explain import TextExplanation

    return TextExplanation.from_json(read_json(folder / "explanation.json"))


# name of a kept zip → how its files are opened.
OPENINGS: dict[str, tuple[Opening, ...]] = {
    "run": (
        Opening("run/run.json", _run, ("runs", "show", "{}/run")),
        Opening("run/corpus/corpus.json", lambda folder: _run(folder).corpus, ("scan", "{}/run")),
        Opening("run/checkpoints/*.json", lambda folder: _run(folder).checkpoint(), ("sample", "{}/run"))),
    "store": (Opening("acts/store.json", _store, ("show", "{}/acts", "--unit", "1:0")),),
    "unfinished": (Opening("acts/unfinished.json", _unfinished),),
    "findings": (Opening("findings/findings.json", _findings, ("findings", "{}/findings")),),
    "network": (Opening("network/network.json", _network, ("explain", "{}/network", "--ids", "1,2")),),
    "classifier": (
        Opening("classifier/classifier.json", _classifier, ("explain", "{}/classifier", "--text", "a film")),),
    "translator": (
        Opening("translator/translator.json", _translator, ("dates", "translate", "--run", "{}/translator", "May")),),
    "translator-run": (
        Opening("run/run.json", _translator_run, ("dates", "translate", "--run", "{}/run", "May")),
        Opening("run/checkpoints/*.json", lambda folder: _translator_run(folder).checkpoint(),
                ("dates", "translate", "--run", "{}/run", "May"))),
    "fetched": (Opening("corpora/alice/receipt.json", _receipt, ("corpus", "get", "alice")),),
    "plain": (Opening("map.json", _map), Opening("explanation.json", _explanation)),
}
