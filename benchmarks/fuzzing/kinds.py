"""Every kind of file that probe opens, and the ways in which a user has it opened."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.fuzzing import openings
from probe.cli.main import main


@dataclass(frozen=True)
class Opening:
    """One way in.

    Attributes:
        name: of the way.
        open: opens what is in a folder and returns all that was read, or the exit status of a command.
        share: how often it is taken, beside the others of its kind.
        is_command: whether an int that is returned is an exit status.
    """

    name: str
    open: Callable[[Path], Any]
    share: float = 1.0
    is_command: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of file, or of folders of files.

    Attributes:
        name: of the kind, and of the folder that holds its sample.
        openings: ways in.
        share: how many mutations it gets, beside the others.
        sealed: whether the format has checksums of its own over what is read.
        unsealed: names of files that have none, or beginnings of names that end in ``*``.
        passed_over: names of files that are not changed.
        loose: whether its files are named by a person, one by one.
    """

    name: str
    openings: tuple[Opening, ...]
    share: float = 1.0
    sealed: bool = True
    unsealed: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    loose: bool = False

    def is_sealed(self, file: str) -> bool:
        """Return whether what is read of a file of the sample is covered by checksums."""
        return self.sealed and file not in self.unsealed and not any(
            each.endswith("*") and file.startswith(each[:-1]) for each in self.unsealed)


def command(name: str, *words: str, share: float = 1.0) -> Opening:
    """Return a command as a way in; ``{}`` in its words is the sample's folder."""
    return Opening(name, lambda folder: main([word.replace("{}", str(folder)) for word in words]), share, True)


def _kinds() -> tuple[Kind, ...]:
    logs = ("run/log.jsonl", "run/sittings.jsonl", "run/lock.json", "run/.lock", "text.txt")
    return (
        Kind("run", (
            Opening("read", openings.read_run, 5), command("runs show", "runs", "show", "{}/run", share=2),
            Opening("runs list", openings.list_runs, 1, True), Opening("network", openings.network_of_run, 1),
            command("sample", "sample", "{}/run", "--length", "20", "--seed", "1", share=0.2),
            Opening("train", openings.go_on, 0.8, True)), 6, unsealed=logs, passed_over=("text.txt",)),
        Kind("store", (
            Opening("read", openings.read_store, 5), Opening("rows", openings.read_signals, 3),
            command("show", "show", "{}/acts", "--unit", "1:0", share=2),
            command("export", "export", "{}/acts", "--as", "npz", "--out", "{}/out.npz"),
            command("scan", "scan", "{}/acts", "--patterns", "whitespace", "--out", "{}/found", share=0.3)),
            5, unsealed=("acts/labels/*",)),
        Kind("unfinished-store", (Opening("write", openings.finish_store),), 2, unsealed=("acts/parts.jsonl",)),
        Kind("findings", (
            Opening("read", openings.read_findings, 5),
            command("findings", "findings", "{}/findings", "--top", "2", share=2),
            command("json", "findings", "{}/findings", "--json"),
            command("gallery", "gallery", "{}/findings", "--out", "{}/page.html", share=1)), 7,
            unsealed=("findings/findings.csv",)),
        Kind("translator", (
            Opening("read", openings.read_translator, 4),
            command("translate", "dates", "translate", "--run", "{}/translator", "1 May 2016", share=0.1)), 1.5),
        Kind("translator-run", (
            Opening("read", openings.read_translator_run, 3), Opening("network", openings.read_translator, 1),
            command("runs show", "runs", "show", "{}/run", "--json", share=2)), 3, unsealed=logs),
        Kind("keras", (Opening("open", openings.open_network("network.keras")),), 1.5, sealed=False),
        Kind("keras-2-model", (
            command("import", "import", "{}/network.h5", "--json"),
            Opening("open", openings.open_network("network.h5"))), 2, sealed=False),
        Kind("keras-2-weights", (
            command("import", "import", "{}/weights.h5", "--json", share=2),
            command("with architecture", "import", "{}/dense.h5", "--architecture", "{}/dense.json", "--json")),
            2, sealed=False),
        Kind("imported", (
            Opening("read", openings.read_imported),), 1.5),
        Kind("classifier", (Opening("read", openings.read_classifier),), 1.5),
        Kind("npy", (command("import", "import", "{}/a.npy", "--out", "{}/out", "--json"),), 2, sealed=False,
             loose=True),
        Kind("npz", (command("import", "import", "{}/a.npz", "--out", "{}/out", "--json"),
                     command("packed", "import", "{}/packed.npz", "--text", "{}/a.txt", "--out", "{}/out", "--json")),
             4, sealed=False, loose=True),
        Kind("lstmvis", (command("import", "import", "{}/lstm.yml", "--out", "{}/out", "--json"),), 5, sealed=False),
        Kind("mapping", (Opening("read", openings.read_mapping),), 1, sealed=False, loose=True),
        Kind("tokens", (Opening("read", openings.read_indices),), 1, sealed=False, loose=True),
        Kind("examples", (Opening("read", openings.read_examples),), 1, sealed=False, loose=True),
        Kind("labels", (Opening("read", openings.read_labels),), 5, sealed=False, loose=True),
        Kind("catalogue", (Opening("read", openings.read_catalogue),), 2, sealed=False, loose=True),
        Kind("fetched", (Opening("read", openings.read_cache),), 1, unsealed=("shakespeare/shakespeare.part.json",)),
        Kind("archive", (Opening("unpack", openings.unpack),), 1, sealed=False, loose=True),
        Kind("text", (Opening("read", openings.read_texts),), 1, sealed=False, loose=True),
    )


KINDS = {kind.name: kind for kind in _kinds()}
