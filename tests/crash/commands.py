"""Every command that writes, small enough to be run hundreds of times."""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from probe.model.run import Run
from tests.crash.kills import TIMING
from tests.crash.quick import arguments, probe
from tests.crash.trees import Tree

GIVEN, MADE, PASSING = "given", "made", "tmp"
TINY_DATES = ("--styles", "medium,iso", "--first-year", "2000", "--last-year", "2009", "--units", "4", "--embedding",
              "4", "--attention", "4", "--batch", "4", "--validate-every", "2", "--validate-texts", "10", "--log-every",
              "1", "--precision", "float32")
TINY_SCAN = ("--portraits", "300", "--passages", "1", "--rolls", "20", "--twins", "1", "--probes", "0",
             "--ablated", "0")


def _as_it_is(tree: Tree) -> Tree:
    return tree


@dataclass(frozen=True)
class Command:
    """A command that writes.

    Attributes:
        words: as on the command line; ``{given}`` and ``{made}`` stand for the folders of what is read and written.
        results: what is to be wholly the old or wholly the new: names in ``{made}`` that belong together, of which the
            first says that the others are whole.
        former: a command that makes what is there before; none if nothing is.
        kept: functions, as ``module:name``, whose first result for the same words is given again: they take long, and
            write nothing.
        instead: functions in whose place another stands, made for the folder that holds ``given`` and ``made``.
        plain: a tree of ``{made}`` without what differs from run to run, and what is passing.
        once: whether the command refuses to make again what is there and whole.
        counted: whether a run that was undisturbed and one that went on have as many files.
    """

    words: tuple[str, ...]
    results: tuple[tuple[str, ...], ...] = ()
    former: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    instead: Mapping[str, Callable[[Path], Any]] = field(default_factory=dict)
    plain: Callable[[Tree], Tree] = _as_it_is
    once: bool = False
    counted: bool = True

    def line(self, words: tuple[str, ...], disk: Path) -> list[str]:
        """A command line on a disk."""
        address = (disk / GIVEN / "address").read_text() if "{address}" in words else ""
        return [word.format(given=disk / GIVEN, made=disk / MADE, address=address) for word in words]


def _of_store(tree: Tree) -> Tree:
    """Without what only the writer of a store reads."""
    return Tree({path: content for path, content in tree.entries.items()
                 if not re.search(r"(^|/)(unfinished\.json|parts\.jsonl|state-\d+\.safetensors)$", path)})


def _of_gallery(tree: Tree) -> Tree:
    """With the edition that the index names, and no other, under a name that does not depend on what was there."""
    named = {number for path, content in tree.entries.items() if path.endswith(".html") and "/" not in path
             for number in re.findall(rb"-pages/(\d+)/", content or b"")}
    assert len(named) <= 1
    edition = next(iter(named), b"0").decode()
    found: dict[str, bytes | None] = {}
    for path, content in tree.entries.items():
        match = re.match(r"(.*-pages)/(\d+)(/.*)?$", path)
        if match is None or match[2] == edition:
            name = path if match is None else f"{match[1]}/N{match[3] or ''}"
            found[name] = content and re.sub(rb"-pages/\d+/", b"-pages/N/", content)
    return Tree(found)


def _of_training(tree: Tree) -> Tree:
    """The newest checkpoint and the log, but for their times."""
    arrays = sorted(path for path in tree.entries if path.endswith(".safetensors"))
    found: dict[str, Any] = {path: tree.entries[path] for path in arrays[-1:]}
    for path, content in tree.entries.items():
        if path.endswith("/log.jsonl") and content:
            records = [json.loads(line) for line in content.split(b"\n")[:-1]]
            found[path] = [{name: value for name, value in record.items() if name not in TIMING} for record in records]
        elif "/corpus" in path:
            found[path] = content
    return Tree(found)


_DRAWING = ("probe.render.paper:figure_bytes",)
COMMANDS: dict[str, Command] = {
    "train": Command(tuple(arguments(Path("{given}/text.txt"), Path("{made}/run"), "--tensorboard")),
                     plain=_of_training, counted=False),
    "extract": Command(("extract", "{given}/run", "--out", "{made}/acts", "--streams", "2", "--overlap", "10"),
                       (("acts/store.json", "acts"),), kept=("probe.activations:stream_deviation",), plain=_of_store),
    "scan a store": Command(
        ("scan", "{given}/acts", "--patterns", "word_start,inside_quotes", "--out", "{made}/findings", "--csv",
         "{made}/all.csv", "--html", "{made}/text.html", *TINY_SCAN),
        (("findings",), ("all.csv",), ("text.html",)),
        ("scan", "{given}/acts", "--patterns", "column", "--out", "{made}/findings", "--csv",
         "{made}/all.csv", "--html", "{made}/text.html", *TINY_SCAN), kept=("probe.scan:scan",)),
    "scan a run": Command(("scan", "{given}/run", "--patterns", "word_start", "--live", "--out", "{made}/new/findings",
                           *TINY_SCAN), (("new/findings",),), kept=("probe.cli.scan:scan_run",)),
    "findings": Command(("findings", "{given}/findings", "--csv", "{made}/table.csv"), (("table.csv",),),
                        ("findings", "{given}/other", "--csv", "{made}/table.csv")),
    "gallery": Command(("gallery", "{given}/findings", "--out", "{made}/page.html"), (("page.html",),),
                       ("gallery", "{given}/other", "--out", "{made}/page.html")),
    "gallery of pages": Command(
        ("gallery", "{given}/findings", "--out", "{made}/page.html", "--largest", "0.0004"),
        (("page.html", "page-pages"),),
        ("gallery", "{given}/other", "--out", "{made}/page.html", "--largest", "0.0004"), plain=_of_gallery),
    "first gallery of pages": Command(
        ("gallery", "{given}/findings", "--out", "{made}/page.html", "--largest", "0.0004"),
        (("page.html", "page-pages"),), plain=_of_gallery),
    "export npy": Command(
        ("export", "{given}/acts", "--as", "npy", "--only", "1/hidden", "--out", "{made}/acts.npy"),
        (("acts.npy", "acts.txt"),),
        ("export", "{given}/acts", "--as", "npy", "--only", "1/cell", "--out", "{made}/acts.npy")),
    "export npz": Command(("export", "{given}/acts", "--as", "npz", "--out", "{made}/acts.npz"),
                          (("acts.npz", "acts.txt"),)),
    "export lstmvis": Command(
        ("export", "{given}/acts", "--as", "lstmvis", "--out", "{made}/project", "--patterns", "word_start"),
        (("project",),), ("export", "{given}/acts", "--as", "lstmvis", "--out", "{made}/project", "--only", "1/cell")),
    "import activations": Command(
        ("import", "{given}/acts.npy", "--text", "{given}/acts.txt", "--out", "{made}/store"),
        (("store/store.json", "store"),), plain=_of_store),
    "import a run": Command(
        ("import", "{given}/characters.keras", "--corpus", "{given}/text.txt", "--run", "{made}/new/imported"),
        (("new/imported",),), once=True,
        kept=("probe.model.legacy:char_parity", "probe.train.adoption:CharLSTM", "probe.train.adoption:LossReader",
              "probe.train.adoption:make_optimizer")),
    "import a network": Command(
        ("import", "{given}/characters.keras", "--out", "{made}/network"), (("network",),),
        ("import", "{given}/classifier.keras", "--out", "{made}/network"), kept=("probe.model.legacy:network_parity",)),
    "corpus get": Command(("corpus", "get", "alice", "--address", "{address}"),
                          (("corpora/alice/receipt.json", "corpora/alice/alice.txt"),)),
    "show": Command(
        ("show", "{given}/acts", "--unit", "1:2", "--to", "100", "--html", "{made}/unit.html", "--plot",
         "{made}/unit.svg"), (("unit.html",), ("unit.svg",)),
        ("show", "{given}/acts", "--unit", "1:1", "--to", "100", "--html", "{made}/unit.html", "--plot",
         "{made}/unit.svg"), kept=_DRAWING),
    "runs show": Command(("runs", "show", "{given}/run", "--plot", "{made}/loss.svg"), (("loss.svg",),), kept=_DRAWING),
    "gates": Command(("gates", "{given}/acts", "--html", "{made}/gates.html", "--plot", "{made}/gates.svg", "--csv",
                      "{made}/gates.csv"), (("gates.html",), ("gates.svg",), ("gates.csv",)), kept=_DRAWING),
    "sample": Command(("sample", "{given}/run", "--length", "30", "--record", "{made}/acts", "--show", "1:2", "--html",
                       "{made}/page.html"), (("acts/store.json", "acts"), ("page.html",)), plain=_of_store, once=True),
    "patterns preview": Command(("patterns", "preview", "word_start", "{given}/text.txt", "--characters", "200")),
    "explain": Command(
        ("explain", "{given}/classifier", "--text", "very good", "--method", "saliency", "--html", "{made}/why.html",
         "--plot", "{made}/text.svg"), (("why.html",), ("text.svg",)),
        ("explain", "{given}/classifier", "--text", "very bad", "--method", "saliency", "--html", "{made}/why.html",
         "--plot", "{made}/text.svg"), kept=("probe.explain:explain_all", "probe.cli.explain:_opened", *_DRAWING)),
    "dates train": Command(("dates", "train", "--run", "{made}/dates", "--steps", "4", *TINY_DATES),
                           plain=_of_training, counted=False),
    "dates map": Command(
        ("dates", "map", "--run", "{given}/dates", "5 Nov 2006", "--out", "{made}/map.html", "--out", "{made}/map.svg"),
        (("map.html",), ("map.svg",)),
        ("dates", "map", "--run", "{given}/dates", "6 May 2001", "--out", "{made}/map.html", "--out", "{made}/map.svg"),
        kept=("probe.attention:date_map", "probe.cli.dates_map:translator_of", *_DRAWING)),
    "dates record": Command(
        ("dates", "record", "--run", "{given}/dates", "--out", "{made}/acts", "--count", "4", "--beams", "1"),
        (("acts/encoder/store.json", "acts/encoder"), ("acts/decoder/store.json", "acts/decoder")),
        kept=("probe.cli.dates_record:translator_of", "probe.cli.dates_record:_lines", "probe.cli.dates_record:_part"),
        plain=_of_store),
    "dates diagnose": Command(
        ("dates", "diagnose", "--run", "{given}/dates", "--texts", "5", "--days", "3", "--examples", "1",
         "--beams", "1", "--out", "{made}/diagnosis.html"),
        (("diagnosis.html",),), kept=("probe.attention:diagnose", "probe.cli.dates_diagnose:translator_of")),
    "demo": Command(
        ("demo", "{given}/text.txt", "--run", "{made}/run"), (("run/findings",), ("run/gallery.html",)),
        tuple(arguments(Path("{given}/text.txt"), Path("{made}/run"))), kept=("probe.cli.demo:scan_run",),
        instead={"probe.train:train": lambda disk: lambda *_, **__: Run.open(disk / MADE / "run")}),
}


def make_given(folder: Path, place: Path, address: str) -> None:
    """Make all that the commands read.

    Args:
        folder: where to.
        place: with a ``text.txt`` and a run called ``whole``.
        address: of a server that has a text.
    """
    from probe.explain import Classifier, WordTokenizer
    from probe.model.engine import keras

    (folder / "address").write_text(address)
    shutil.copy(place / "text.txt", folder)
    shutil.copytree(place / "whole", folder / "run")
    for words in (
        ("extract", folder / "run", "--out", folder / "acts", "--signals", "all"),
        ("export", folder / "acts", "--as", "npy", "--only", "1/hidden", "--out", folder / "acts.npy"),
        ("extract", folder / "run", "--out", folder / "hidden"),
        ("scan", folder / "hidden", "--patterns", "word_start,digit", "--out", folder / "findings", *TINY_SCAN),
        ("scan", folder / "hidden", "--patterns", "column", "--out", folder / "other", *TINY_SCAN),
        ("dates", "train", "--run", folder / "dates", "--steps", "2", *TINY_DATES),
    ):
        outcome = probe(*map(str, words))
        assert outcome.status == 0, outcome
    keras.utils.set_random_seed(3)
    layers, size = keras.layers, len(set((place / "text.txt").read_text("utf-8")))
    keras.Sequential([keras.Input((None, size)), layers.LSTM(4, return_sequences=True),
                      layers.Dense(size, "softmax")]).save(folder / "characters.keras")
    ids = keras.Input((None,), dtype="int32")
    x = layers.Conv1D(3, 2, padding="same", activation="relu")(layers.Embedding(5, 3)(ids))
    model = keras.Model(ids, layers.Dense(2, activation="softmax")(layers.GlobalMaxPooling1D()(x)))
    model.save(folder / "classifier.keras")
    Classifier(model, WordTokenizer({"very": 2, "good": 3, "bad": 4}), ("against", "for"), length=6).save(
        folder / "classifier")
    assert np.load(folder / "acts.npy", mmap_mode="r").size
