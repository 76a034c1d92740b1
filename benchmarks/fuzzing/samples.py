"""Small whole samples of every kind of file, as probe and other tools write them.

    python -m benchmarks.fuzzing.samples FOLDER
"""

import contextlib
import gzip
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probe.cli.main import main as probe_command

LINES = "“Come in,” said the fox (a red one). The cat, who was 3, did not.\n\n" * 18
TOKENS = ("<PAD>", "<UNK>", "a", "bad", "good", "film", "was", "b", "d")
ROWS = 400


def main() -> None:
    home = Path(sys.argv[1])
    for name, make in MAKERS.items():
        (home / name).mkdir(parents=True)
        with contextlib.redirect_stdout(io.StringIO()):
            make(home / name)


def _probe(*words: object) -> None:
    if probe_command([str(word) for word in words]):
        raise AssertionError(f"probe {words} failed")


def run(folder: Path) -> None:
    from tests.crash.quick import arguments

    (folder / "text.txt").write_text(LINES * 3, encoding="utf-8")
    _probe(*arguments(folder / "text.txt", folder / "run", "--steps", "3"))
    (folder / "run" / "lock.json").write_text(json.dumps({"host": "nowhere", "pid": 7, "purpose": "training"}))


@contextlib.contextmanager
def small_parts(part: Any) -> Iterator[None]:
    """Let stores have several parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part, "PART_ROWS", ROWS)
        yield


def streams_of(corpus: Path) -> Any:
    """Return activations of two layers over a corpus that lies in a folder."""
    from probe.corpus import Corpus, Segment
    from tests.scan.recorded import Recorded

    opened = Corpus.open(corpus)
    chance = np.random.default_rng(0)
    arrays = {source: chance.normal(size=(len(opened), units))
              for source, units in ((("1", "hidden"), 9), (("2", "cell"), 5))}
    return Recorded(opened, Segment(0, len(opened)), arrays)


def store(folder: Path) -> None:
    from probe.activations import write_store
    from probe.activations.store import part
    from probe.cli.kept_labels import keep_labels
    from probe.corpus import Corpus

    corpus = Corpus.of(LINES, folder=folder / "corpus")
    with small_parts(part):
        made = write_store(streams_of(folder / "corpus"), folder / "acts", show=False)
    mine = {"labels": [[3, 9], [20, 40]], "meaning": "of mine", "sha256": corpus.source["sha256"]}
    keep_labels(made.folder, {"mine": mine})
    for path in (folder / "corpus").iterdir():
        path.unlink()
    (folder / "corpus").rmdir()


def unfinished(folder: Path) -> None:
    from probe.activations import write_store
    from probe.activations.store import part, writer
    from probe.corpus import Corpus

    Corpus.of(LINES, folder=folder / "corpus")
    with small_parts(part), pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "end", lambda folder: 1 / 0)
        with contextlib.suppress(ZeroDivisionError):
            write_store(streams_of(folder / "corpus"), folder / "acts", show=False)
    (folder / "acts" / "store.json").unlink()


def findings(folder: Path) -> None:
    from dataclasses import replace

    from tests.gallery.live_networks import drawn_network
    from tests.gallery.simulation import simulated_findings

    replace(simulated_findings(), network=drawn_network("abc ", units=5, unknown=True)).save(folder / "findings")


def translator(folder: Path) -> None:
    from tests.attention.translator import tiny

    tiny.translator().save(folder / "translator")


def translator_run(folder: Path) -> None:
    from tests.attention.translator.conftest import train

    train(folder / "run")


def _network() -> Any:
    from probe.model.engine import keras

    layers = keras.layers
    keras.utils.set_random_seed(1)
    x = keras.Input((None,))
    y = layers.LSTM(3, return_sequences=True, name="lstm")(layers.Embedding(9, 4, mask_zero=True, name="embedding")(x))
    y = layers.Bidirectional(layers.GRU(2, return_sequences=True), name="both")(y)
    return keras.Model(x, layers.Dense(9, activation="softmax", name="dense")(y))


def keras_file(folder: Path) -> None:
    _network().save(folder / "network.keras")


def _old_model(path: Path) -> None:
    from tests.attacks.test_keras_2_files import LSTM, dense, entrance, entry, sequential
    from tests.model.legacy.layouts import write_weights

    chance = np.random.default_rng(0)
    shapes = {"l": [(3, 8), (2, 8), (8,)], "d": [(2, 4), (4,)]}
    layers = [(name, [chance.normal(size=shape) for shape in own]) for name, own in shapes.items()]
    config = sequential(entrance(None, 3), entry("LSTM", "l", **LSTM), dense("d", "l", 4))
    write_weights(path, layers, config=config)


def keras_2_model(folder: Path) -> None:
    _old_model(folder / "network.h5")


def keras_2_weights(folder: Path) -> None:
    from tests.attacks.test_keras_2_files import dense, entrance, sequential
    from tests.model.legacy.layouts import random_stack, write_weights

    stack, last = random_stack(5, 11, np.random.default_rng(0), layers=1)
    write_weights(folder / "weights.h5", [("lstm_1", stack[0]), ("dense_1", last)])
    write_weights(folder / "dense.h5", [("d", [np.ones((3, 3)), np.ones(3)])])
    (folder / "dense.json").write_text(json.dumps(sequential(entrance(3), dense("d", "i", 3))))


def imported(folder: Path) -> None:
    _old_model(folder / "network.h5")
    _probe("import", folder / "network.h5", "--out", folder / "network")
    (folder / "network.h5").unlink()


def classifier(folder: Path) -> None:
    from probe.explain import Classifier, WordTokenizer
    from probe.model.engine import keras

    layers = keras.layers
    keras.utils.set_random_seed(1)
    ids = keras.Input((None,), dtype="int32")
    x = layers.GlobalMaxPooling1D()(layers.Conv1D(3, 2, padding="same")(layers.Embedding(40, 3)(ids)))
    words = WordTokenizer.from_texts(["The film was good, very good!", "a bad film; don't see it"], start=True)
    model = keras.Model(ids, layers.Dense(2, activation="softmax")(x))
    Classifier(model, words, ("bad", "good"), length=9, notes={"accuracy": 0.5}).save(folder / "classifier")


def npy(folder: Path) -> None:
    (folder / "a.txt").write_text(LINES, encoding="utf-8")
    np.save(folder / "a.npy", np.random.default_rng(0).normal(size=(len(LINES), 4)).astype(np.float32))


def npz(folder: Path) -> None:
    (folder / "a.txt").write_text(LINES, encoding="utf-8")
    array = np.random.default_rng(0).normal(size=(len(LINES), 4)).astype(np.float32)
    arrays = {"1/hidden": array, "2/cell": array[:, :2].astype(np.float16), "2/cell/units": np.array([3, 7])}
    np.savez(folder / "a.npz", **arrays)
    np.savez_compressed(folder / "packed.npz", **arrays)


def lstmvis(folder: Path) -> None:
    from tests.activations.test_interchange_lstmvis import others, project

    project(folder, [1, 2] * 60, others(120), "one 1\ntwo 2\n")


def mapping(folder: Path) -> None:
    (folder / "mapping.json").write_text(json.dumps({each: place for place, each in enumerate("abcdef <>\n")}))


def tokens(folder: Path) -> None:
    (folder / "words.json").write_text(json.dumps({each: place for place, each in enumerate(TOKENS)}))
    (folder / "words.txt").write_text("\n".join(TOKENS) + "\n")


def examples(folder: Path) -> None:
    lines = [json.dumps({"text": f"a {word} film {number}", "label": word if number % 3 else [word, "film"],
                         **({"split": "test"} if number % 4 == 0 else {})})
             for number in range(12) for word in ("bad", "good")]
    raw = ("\n".join(lines) + "\n").encode()
    (folder / "plain.jsonl").write_bytes(raw)
    (folder / "packed.jsonl.gz").write_bytes(gzip.compress(raw, mtime=0))


def labels(folder: Path) -> None:
    values = [int(letter == "e") for letter in LINES]
    np.save(folder / "labels.npy", np.array(values, np.float32) / 2)
    (folder / "labels.csv").write_text("\n".join(map(str, values)))
    (folder / "labels.txt").write_text("".join(map(str, values)))
    (folder / "labels-list.json").write_text(json.dumps(values))
    spans = [[3, 9], {"start": 20, "stop": 40, "value": 2.5}]
    (folder / "labels-spans.json").write_text(json.dumps({"labels": spans, "meaning": "of mine"}))


def catalogue(folder: Path) -> None:
    own = Path(__file__).parents[2] / "corpora" / "catalogue.toml"
    (folder / "catalogue.toml").write_bytes(own.read_bytes())


def fetched(folder: Path) -> None:
    from dataclasses import asdict

    from probe.corpus.catalogue import KIND, VERSION, Receipt
    from probe.corpus.download import KIND as PARTS
    from probe.corpus.download import State
    from probe.files import sha256_of, write_manifest

    place = folder / "shakespeare"
    place.mkdir()
    (place / "shakespeare.txt").write_text(LINES, encoding="utf-8")
    sha256 = sha256_of(place / "shakespeare.txt")
    write_manifest(place / "receipt.json", KIND, VERSION, asdict(Receipt("http://x/", 9, sha256, sha256, True)))
    write_manifest(place / "shakespeare.part.json", PARTS, VERSION, asdict(State("http://x/", "mark", 9000)))


def archive(folder: Path) -> None:
    with zipfile.ZipFile(folder / "text.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("readme.txt", "hello")
        made.writestr("text.txt", LINES)


def text(folder: Path) -> None:
    for encoding in ("utf-8", "utf-16", "latin-1", "cp1252", "utf-8-sig", "gb18030"):
        raw = LINES.replace("“", "").replace("”", "") if encoding == "latin-1" else LINES
        (folder / f"text-{encoding}.{encoding}").write_bytes(raw.encode(encoding))


MAKERS = {"run": run, "store": store, "unfinished-store": unfinished, "findings": findings, "translator": translator,
          "translator-run": translator_run, "keras": keras_file, "keras-2-model": keras_2_model,
          "keras-2-weights": keras_2_weights, "imported": imported, "classifier": classifier, "npy": npy, "npz": npz,
          "lstmvis": lstmvis, "mapping": mapping, "tokens": tokens, "examples": examples, "labels": labels,
          "catalogue": catalogue, "fetched": fetched, "archive": archive, "text": text}


if __name__ == "__main__":
    main()
