"""One small file of every format, as this release writes it, and numbers that others than probe read from it.

    python -m tests.formats.make [NAME …]

fills the folder of the release that ``probe.__version__`` names, or makes some of its files. What is there already
stays: it is what users of that release have.
"""

import io
import json
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest
from safetensors.numpy import load_file

import probe
from probe.cli.main import main as command
from tests import lstm_oracle

HERE = Path(__file__).parent
NUMBERS = "numbers.json"
LINE = "The fox (a red one) sat; the owl slept.\n"
TEXT = LINE * 80
READ = 200
DATE = "1 May 2016"
TRAINING = ["--units", "4", "--layers", "1", "--batch", "2", "--length", "10", "--validate-every", "2", "--log-every",
            "1", "--warm-up", "2", "--validate-characters", "1000"]


def main(names: list[str]) -> None:
    place = HERE / probe.__version__
    place.mkdir(exist_ok=True)
    kept = json.loads((place / NUMBERS).read_text()) if (place / NUMBERS).exists() else {}
    for name in names or MAKERS:
        if (place / f"{name}.zip").exists():
            raise SystemExit(f"{place / name}.zip is kept as it is")
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch, redirect_stdout(
                io.StringIO()):
            _stop_clocks(patch)
            kept[name] = MAKERS[name](Path(folder))
            _pack(Path(folder), place / f"{name}.zip")
    (place / NUMBERS).write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


def _stop_clocks(patch: pytest.MonkeyPatch) -> None:
    """Let nothing that is written depend on when it is written."""
    from datetime import UTC, datetime

    from probe.model import run
    from probe.train import sitting, trainer

    ticks, day = count(), datetime(2026, 1, 1, tzinfo=UTC)
    patch.setattr(run.secrets, "token_hex", lambda size: "0" * 2 * size)
    patch.setattr(trainer, "time", SimpleNamespace(monotonic=lambda: next(ticks) / 8))
    patch.setattr(sitting, "datetime", SimpleNamespace(now=lambda zone: day))


def _pack(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.name != ".lock":
                entry = zipfile.ZipInfo(file.relative_to(folder).as_posix())
                archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def sums(arrays: dict[str, np.ndarray]) -> dict[str, list[float]]:
    """Name → sum, and sum weighted by place, of each array."""
    flat = {name: np.asarray(array, np.float64).ravel() for name, array in arrays.items()}
    return {name: [float(np.nansum(array * weights)) for weights in (1.0, np.arange(len(array)))]
            for name, array in sorted(flat.items())}


def recorded(rows: int, units: int) -> np.ndarray:
    """Activations that anybody can write down again, (rows, units) float32."""
    return np.sin(np.arange(rows * units, dtype=np.float64) % 997).reshape(rows, units).astype(np.float32)


def run(folder: Path) -> dict[str, Any]:
    (folder / "text.txt").write_text(TEXT, encoding="utf-8")
    assert command(["train", str(folder / "text.txt"), "--run", str(folder / "run"), "--steps", "4", *TRAINING]) == 0
    return {"characters": len(TEXT), "steps": [2, 4], **_trained(folder / "run", 4), "loss": _loss(folder / "run")}


def _trained(place: Path, step: int) -> dict[str, Any]:
    """What a checkpoint holds, and the losses that are logged."""
    arrays = load_file(place / "checkpoints" / f"step-{step:09}.safetensors")
    log = [json.loads(line) for line in (place / "log.jsonl").read_text().splitlines()]
    return {"arrays": sums(arrays), "logged": [each["loss"] for each in log if "loss" in each]}


def _loss(place: Path) -> float:
    """Mean nats of a character after the first, by the equations."""
    arrays = load_file(place / "checkpoints" / "step-000000004.safetensors")
    weights = {name.removeprefix("weights/"): array for name, array in arrays.items()}
    ids = np.load(place / "corpus" / "ids.npy")[:READ]
    return float(lstm_oracle.losses(ids, lstm_oracle.read_text(ids, weights, 1)[1]).mean())


def activations() -> Any:
    """Two layers of recorded activations of the text."""
    from probe.activations import Recorded

    arrays = {"1/hidden": recorded(READ, 4), "2/cell": recorded(READ, 3)}
    return Recorded.of(arrays, TEXT[:READ], provenance={"made": "by sines"})


def store(folder: Path) -> dict[str, Any]:
    from probe.activations import write_store

    write_store(activations(), folder / "acts", show=False)
    return {"characters": READ, "arrays": _stored(folder / "acts" / "part-000000.h5")}


def _stored(path: Path) -> dict[str, list[float]]:
    with h5py.File(path) as part:
        return sums({f"{layer}/{signal}": part["activations"][layer][signal][:]
                     for layer, signal in (("1", "hidden"), ("2", "cell"))})


def unfinished(folder: Path) -> dict[str, Any]:
    from probe.activations import write_store
    from probe.activations.store import part, writer

    with pytest.MonkeyPatch.context() as patch, suppress(ZeroDivisionError):
        patch.setattr(part, "PART_ROWS", READ // 2)
        patch.setattr(writer, "end", lambda folder: 1 / 0)
        write_store(activations(), folder / "acts", show=False)
    (folder / "acts" / "store.json").unlink()
    return {"rows": READ}


def findings(folder: Path) -> dict[str, Any]:
    from tests.gallery.live_networks import drawn_network
    from tests.gallery.simulation import simulated_findings

    whole = simulated_findings()
    first = tuple(each for each in whole.findings if each.passage == 0)
    units = {(each.layer, each.signal, each.unit) for each in first}
    portraits = tuple(each for each in whole.portraits if (each.layer, each.signal, each.unit) in units)[:2]
    shown = whole.passages[0]
    passage = replace(shown, text=shown.text[:READ], labels=shown.labels[:READ], expected=shown.expected[:READ],
                      chances=shown.chances[:READ], activations={
                          source: values[:READ] for source, values in shown.activations.items()})
    replace(whole, findings=first, passages=(passage,), portraits=portraits,
            network=drawn_network("abc ", units=4, unknown=True)).save(folder / "findings")
    content = json.loads((folder / "findings" / "findings.json").read_text())["content"]
    best = content["findings"][0]
    return {"unit": [best["pattern"], best["layer"], best["signal"], best["unit"]],
            "r": best["confirmation"]["correlation"], "passage": content["passages"][0]["text"],
            "measures": sums({name.removeprefix("measures/"): array for name, array in load_file(
                folder / "findings" / "arrays.safetensors").items() if name.startswith("measures/")}),
            "weights": sums(load_file(folder / "findings" / "weights.safetensors"))}


def _reader() -> Any:
    """A network that reads ids: an embedding, an LSTM, three outputs; its weights are sines."""
    from probe.model.engine import keras

    layers = keras.layers
    ids = keras.Input((None,), dtype="int32", name="ids")
    hidden = layers.LSTM(4, name="lstm")(layers.Embedding(9, 2, name="embedding")(ids))
    model = keras.Model(ids, layers.Dense(3, activation="softmax", name="dense")(hidden), name="reader")
    for weight in model.weights:
        weight.assign(recorded(1, int(np.prod(weight.shape))).reshape(weight.shape))
    return model


def _read(weights: dict[str, np.ndarray], ids: list[int]) -> list[float]:
    """What it says of ids, by the equations."""
    w = {name: array.astype(np.float64) for name, array in weights.items()}
    zero = np.zeros((1, 4))
    _, h, _ = lstm_oracle.lstm(w["embedding/embeddings"][ids][:, None], w["lstm/kernel"], w["lstm/recurrent_kernel"],
                               w["lstm/bias"], zero, zero)
    shares = np.exp(h @ w["dense/kernel"] + w["dense/bias"])[0]
    return list(shares / shares.sum())


def network(folder: Path) -> dict[str, Any]:
    from probe.model.safe_form import safe_form

    safe_form(_reader()).save(folder / "network")
    weights = load_file(folder / "network" / "weights.safetensors")
    return {"arrays": sums(weights), "read": _read(weights, [1, 5, 3, 8])}


def classifier(folder: Path) -> dict[str, Any]:
    from probe.explain import Classifier, WordTokenizer

    words = WordTokenizer.from_texts(["a good film", "a bad film"])
    Classifier(_reader(), words, ("bad", "good", "none"), notes={"accuracy": 0.5}).save(folder / "classifier")
    content = json.loads((folder / "classifier" / "classifier.json").read_text())["content"]
    table = content["tokenizer"]["ids"]
    ids = [table[word] for word in ("a", "good", "film")]
    return {"text": "a good film", "shares": _read(load_file(folder / "classifier" / "network" / "weights.safetensors"),
                                                   ids)}


def translator(folder: Path) -> dict[str, Any]:
    from tests.attention.translator import equations, tiny

    tiny.translator().save(folder / "translator")
    weights = load_file(folder / "translator" / "weights.safetensors")
    found, _ = equations.read(weights, tiny.ids(DATE), "2016")
    return {"arrays": sums(weights), "after 2016": list(found[-1])}


def translator_run(folder: Path) -> dict[str, Any]:
    from probe.attention.translator import task
    from tests.attention.translator.conftest import DATES, NETWORK, PLAN

    plan = replace(PLAN, steps=4, validate_every=2, log_every=1)
    task.train_translator(folder / "run", DATES, NETWORK, plan, show=False)
    return {"steps": [2, 4], **_trained(folder / "run", 4)}


def fetched(folder: Path) -> dict[str, Any]:
    import hashlib

    from probe.corpus import download
    from probe.corpus.catalogue import KIND, VERSION, Receipt
    from probe.files import write_manifest

    place, sha256 = folder / "corpora" / "alice", hashlib.sha256(LINE.encode()).hexdigest()
    place.mkdir(parents=True)
    (place / "alice.txt").write_bytes(LINE.encode())
    receipt = Receipt("http://localhost/alice", len(LINE), sha256, sha256, True)
    write_manifest(place / "receipt.json", KIND, VERSION, asdict(receipt))
    (place / "alice.part").write_bytes(b"half")
    state = download.State("http://localhost/alice", "mark", 9000)
    write_manifest(place / "alice.part.json", download.KIND, download.VERSION, asdict(state))
    return {"sha256": sha256, "mark": "mark", "total": 9000}


def plain_forms(folder: Path) -> dict[str, Any]:
    from probe.attention import AttentionMap
    from probe.explain import TextExplanation

    weights = np.array([[[0.25, 0.75], [1.0, 0.0]]])
    shown = AttentionMap(("a", "b"), ("x", "y"), weights, np.array([0.5, 0.25]), -weights[0], "heading", ("remark",))
    explained = TextExplanation("a bad film", ("a", "bad"), np.array([[0, 1], [2, 5]]), np.array([0.5, -2.0]),
                                np.zeros(2, bool), "good", -1.5, "logit", "bad", "saliency", {"bad": 0.75})
    for name, made in (("map", shown), ("explanation", explained)):
        (folder / f"{name}.json").write_text(json.dumps(made.to_json(), indent=1))
    return {"map": [[0.25, 0.75], [1.0, 0.0]], "explanation": [0.5, -2.0]}


MAKERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "run": run, "store": store, "unfinished": unfinished, "findings": findings, "network": network,
    "classifier": classifier, "translator": translator, "translator-run": translator_run, "fetched": fetched,
    "plain": plain_forms}


if __name__ == "__main__":
    main(sys.argv[1:])
