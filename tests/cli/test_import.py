"""'probe import' as a person types it, from an old file to a run that is scanned and trained on."""

import builtins
import json
import shlex
import sys

import numpy as np
import pytest

from probe.cli.main import main
from probe.model import ModelOptions, Run
from probe.model.imported import ImportedNetwork
from probe.train import TrainOptions, train
from tests.cli.tiny import TEXT, TINY
from tests.model.legacy.layouts import random_stack, to_cudnn, write_weights


@pytest.fixture
def cudnn(tmp_path):
    generator = np.random.default_rng(0)
    lstms, dense = random_stack(8, len(set(TEXT)), generator)
    layers = [("cu_dnnlstm_1", to_cudnn(*lstms[0], generator)), ("dropout_1", []),
              ("cu_dnnlstm_2", to_cudnn(*lstms[1], generator)), ("dropout_2", []), ("dense_1", dense)]
    return write_weights(tmp_path / "weights-improvement-01-2.5000.hdf5", layers)


@pytest.fixture
def plain(tmp_path):
    lstms, dense = random_stack(5, len(set(TEXT)), np.random.default_rng(0), layers=1)
    return write_weights(tmp_path / "plain.h5", [("lstm_1", lstms[0]), ("dense_1", dense)])


def test_the_article_s_weights_become_a_run_that_is_scanned_and_trained_on(cudnn, text, tmp_path, capsys):
    folder = tmp_path / "run"
    assert main(["import", str(cudnn), "--corpus", str(text), "--run", str(folder), "--preset", "article", *TINY]) == 0
    printed = capsys.readouterr().out
    for expected in ("Keras 2.2.4", "CuDNNLSTM", "transposed gate by gate", "2 × 8 units", "parity: ", "nats",
                     str(folder)):
        assert expected in printed
    run = Run.open(folder)
    assert run.training["objective"] == "last"
    assert (run.model_options.input, run.model_options.dropout) == ("scalar", 0.5)
    assert run.imported["file"] == cudnn.name
    assert run.imported["parity"]["relative"] < 1e-5
    assert run.checkpoint("best").step == 0
    assert run.log[0]["step"] == 0
    assert main(["scan", str(folder), "--patterns", "word_start", "--out", str(tmp_path / "findings")]) == 0
    capsys.readouterr()
    before = run.checkpoint("latest").weights
    line = next(line for line in printed.splitlines() if "probe train" in line).split("probe train ")[1].split()
    assert main(["train", *line, "--steps", "12"]) == 0
    assert "starts" in capsys.readouterr().out
    after = Run.open(folder)
    assert after.checkpoint("latest").step == 12
    assert after.imported == run.imported
    assert any((after.checkpoint("latest").weights[name] != array).any() for name, array in before.items())


def test_a_network_becomes_a_folder_of_ours(shared, tmp_path, capsys):
    file, folder = shared / "legacy" / "keras_sentiment_classifier.h5", tmp_path / "network"
    assert main(["import", str(file), "--out", str(folder)]) == 0
    assert "Bidirectional" in capsys.readouterr().out
    row = np.array([[1, 4825, 14, 9, 87, 21, 24, 38, 87]])
    assert ImportedNetwork.open(folder).model()(row).numpy().item() == pytest.approx(0.5912496, abs=1e-7)
    assert main(["import", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["keras_version"] == "2.2.4"
    assert told["parity"]["absolute"] < 1e-6
    assert "network" not in told


def test_a_keras_file_becomes_a_run_or_a_folder(text, tmp_path, capsys):
    from probe.model.engine import keras

    count = len(set(TEXT))
    layers = [keras.Input((None, count)), keras.layers.LSTM(6, return_sequences=True), keras.layers.Dropout(0.25),
              keras.layers.LSTM(6), keras.layers.Dense(count, "softmax")]
    file, model = tmp_path / "char.keras", keras.Sequential(layers)
    model.save(file)
    assert main(["import", str(file), "--corpus", str(text), "--run", str(tmp_path / "run")]) == 0
    assert "a character model: 2 × 6 units" in capsys.readouterr().out
    run = Run.open(tmp_path / "run")
    assert (run.imported["keras_version"], run.imported["architecture"]) == (keras.__version__, "file")
    assert (run.training["objective"], run.model_options.dropout) == ("last", 0.25)
    ids = np.random.default_rng(0).integers(0, count, (3, 9))
    ours = run.model("best")
    logits = ours.logits(ours.read(ids, ours.initial_states(3)).features)
    expected = np.asarray(model(np.eye(count, dtype=np.float32)[ids]))
    np.testing.assert_allclose(keras.ops.softmax(logits)[-1], expected, atol=1e-6)
    other = keras.Sequential([keras.Input((None, 4)), keras.layers.GRU(3)])
    other.save(tmp_path / "other.keras")
    assert main(["import", str(tmp_path / "other.keras"), "--out", str(tmp_path / "network")]) == 0
    x = np.ones((1, 5, 4), np.float32)
    np.testing.assert_allclose(ImportedNetwork.open(tmp_path / "network").model()(x), other(x), atol=1e-6)
    capsys.readouterr()
    for flags, reason in ((["--architecture", str(text)], "holds its own architecture"),
                          (["--recurrent-activation", "hard_sigmoid"], "is known to have sigmoid")):
        assert main(["import", str(file), *flags]) == 1
        assert reason in capsys.readouterr().err


def test_looking_writes_nothing_and_says_what_was_assumed(plain, capsys, tmp_path):
    before = sorted(tmp_path.iterdir())
    assert main(["import", str(plain)]) == 0
    printed = capsys.readouterr().out
    assert "taken is hard_sigmoid, the default of Keras 2.2.4; --recurrent-activation sigmoid says otherwise" in printed
    assert "nothing was written" in printed
    assert sorted(tmp_path.iterdir()) == before
    assert main(["import", str(plain), "--recurrent-activation", "sigmoid"]) == 0
    assert "taken is" not in capsys.readouterr().out


def test_at_a_terminal_it_asks(plain, text, tmp_path, monkeypatch, capsys):
    answers = iter(["relu", "sigmoid"])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(builtins, "input", lambda question: next(answers))
    assert main(["import", str(plain), "--corpus", str(text), "--run", str(tmp_path / "run")]) == 0
    assert "please answer" in capsys.readouterr().out
    assert Run.open(tmp_path / "run").model_options.recurrent_activation == "sigmoid"
    monkeypatch.setattr(builtins, "input", lambda question: "")
    assert main(["import", str(plain), "--corpus", str(text), "--run", str(tmp_path / "other")]) == 0
    assert Run.open(tmp_path / "other").model_options.recurrent_activation == "hard_sigmoid"


def test_a_run_with_hard_sigmoid_gates_is_trained_on(plain, text, tmp_path, capsys):
    folder = tmp_path / "run"
    assert main(["import", str(plain), "--corpus", str(text), "--run", str(folder), "--recurrent-activation",
                 "hard_sigmoid", *TINY]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "probe train" in line)
    assert "--recurrent-activation hard_sigmoid" in line
    assert main(["train", *line.split("probe train ")[1].split(), "--steps", "3"]) == 0


def test_at_a_terminal_ctrl_d_takes_the_default(plain, monkeypatch, capsys):
    def ended(question):
        raise EOFError

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(builtins, "input", ended)
    assert main(["import", str(plain)]) == 0
    monkeypatch.undo()
    capsys.readouterr()
    assert main(["import", str(plain), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recurrent_activations"] == ["hard_sigmoid"]


def whole(path, dropout):
    """A whole-model file of a network of the article's kind."""
    lstms, dense = random_stack(8, len(set(TEXT)), np.random.default_rng(0), layers=1)
    settings = {"units": 8, "activation": "tanh", "recurrent_activation": "sigmoid", "return_sequences": False}
    layers = [("LSTM", {"name": "l", "batch_input_shape": [None, 20, 1], **settings}),
              ("Dropout", {"name": "p", "rate": dropout}),
              ("Dense", {"name": "d", "units": len(set(TEXT)), "activation": "softmax"})]
    config = {"class_name": "Sequential", "config": [{"class_name": kind, "config": each} for kind, each in layers]}
    return write_weights(path, [("l", lstms[0]), ("p", []), ("d", dense)], config=config)


@pytest.mark.parametrize("flags", [["--preset", "article"], ["--preset", "karpathy", "--steps", "2"], ["--steps", "2"]])
def test_the_line_that_is_printed_goes_on_with_the_file_s_own_network(flags, tmp_path, capsys):
    file, folder, text = whole(tmp_path / "w.h5", 0.25), tmp_path / "my run", tmp_path / "my text.txt"
    text.write_text(TEXT, encoding="utf-8")
    assert main(["import", str(file), "--corpus", str(text), "--run", str(folder), *flags, *TINY]) == 0
    assert Run.open(folder).model_options.dropout == 0.25
    line = next(line for line in capsys.readouterr().out.splitlines() if "probe train" in line)
    assert "--dropout 0.25" in line
    words = shlex.split(line.partition("probe ")[2])
    assert words[:4] == ["train", str(text), "--run", str(folder)]
    assert main([*words, *([] if "--steps" in words else ["--steps", "2"])]) == 0
    assert Run.open(folder).checkpoint("latest").step == 2


def test_a_folder_that_fills_while_the_text_is_read_is_kept(cudnn, text, tmp_path, capsys, monkeypatch):
    folder = tmp_path / "run"

    def meanwhile(*arguments):
        folder.mkdir()
        (folder / "thesis.txt").write_text("years of work")

    monkeypatch.setattr("probe.train.adoption.save_checkpoint", meanwhile)
    assert main(["import", str(cudnn), "--corpus", str(text), "--run", str(folder)]) == 1
    assert "is not empty, and a new folder is needed here" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_a_wrong_guess_of_the_gates_is_noticed_on_the_text(text, tmp_path, capsys):
    """A network trained with hard_sigmoid gates, in a file of a Keras whose default was sigmoid."""
    network = ModelOptions(units=16, recurrent_activation="hard_sigmoid")
    plan = TrainOptions(steps=120, batch=8, length=20, learning_rate=0.02, validate_every=120)
    weights = train(text, tmp_path / "trained", network, plan, show=False).checkpoint("latest").weights
    lstm = [weights[f"lstm_1/{name}"] for name in ("kernel", "recurrent_kernel", "bias")]
    dense = [weights["dense/kernel"], weights["dense/bias"]]
    path = write_weights(tmp_path / "w.h5", [("lstm_1", lstm), ("dense_1", dense)], version="2.3.1")
    line = ["import", str(path), "--corpus", str(text), "--run"]
    better = "they fit the text better, so import it anew with --recurrent-activation hard_sigmoid"
    assert main([*line, str(tmp_path / "guessed")]) == 0
    assert better in capsys.readouterr().out
    assert main([*line, str(tmp_path / "told"), "--recurrent-activation", "hard_sigmoid"]) == 0
    printed = capsys.readouterr().out
    assert "with sigmoid gates it would be" in printed
    assert "better" not in printed
    told, trained = Run.open(tmp_path / "told").log[0], Run.open(tmp_path / "trained").log[-1]
    assert told["validation_loss"] == pytest.approx(trained["validation_loss"], abs=1e-4)


MISTAKES = {
    "no such file": (["{missing}"], "no such file"),
    "no hdf5": (["{text}"], "neither a .keras file nor HDF5, so no network; accepted are"),
    "other characters": (["{cudnn}", "--corpus", "{other}", "--run", "{new}"], "distinct ones; in lower case it has"),
    "too many characters": (["{cudnn}", "--corpus", "{many}", "--run", "{new}"], "--collapse-spaces, --min-count"),
    "half a run": (["{cudnn}", "--run", "{new}"], "both --corpus TEXT and --run FOLDER"),
    "both": (["{cudnn}", "--corpus", "{text}", "--run", "{new}", "--out", "{new}"], "exclude each other"),
    "weights alone to a folder": (["{plain}", "--out", "{new}"], "--out needs --architecture FILE.json"),
    "no such preset": (["{cudnn}", "--preset", "artikle"], "did you mean 'article'?"),
    "no such activation": (["{plain}", "--recurrent-activation", "relu"], "-activation must be one of sigmoid"),
    "against cuDNN": (["{cudnn}", "--recurrent-activation", "hard_sigmoid"], "is known to have sigmoid"),
    "not a new folder": (["{cudnn}", "--corpus", "{text}", "--run", "{folder}"], "is not empty"),
    "no such text": (["{cudnn}", "--corpus", "{missing}", "--run", "{new}"], "no such file, and no corpus"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_one_line_and_nothing_is_written(name, cudnn, plain, text, tmp_path, capsys):
    (tmp_path / "other.txt").write_text(TEXT + "ZQZQ", encoding="utf-8")
    lower = len(set((TEXT + "ZQZQ").lower()))
    if name == "other characters":
        lstms, dense = random_stack(4, lower, np.random.default_rng(1), layers=1)
        write_weights(cudnn, [("g", to_cudnn(*lstms[0], np.random.default_rng(2))), ("d", dense)])
    (tmp_path / "many.txt").write_text(TEXT + "äöüßÄÖÜ", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.txt").write_text("years of work")
    places = {"cudnn": cudnn, "plain": plain, "text": text, "new": tmp_path / "new", "folder": tmp_path / "folder",
              "missing": tmp_path / "missing", "other": tmp_path / "other.txt", "many": tmp_path / "many.txt"}
    arguments, expected = MISTAKES[name]
    before = sorted(tmp_path.rglob("*"))
    assert main(["import", *(argument.format(**places) for argument in arguments)]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("probe: ")
    assert printed.err.count("\n") == 1
    assert expected in printed.err
    assert sorted(tmp_path.rglob("*")) == before
