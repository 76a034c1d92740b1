"""``probe explain``: classifiers, networks with a vocabulary or ids, every output, and mistakes in one line."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest

from probe.cli.main import main
from probe.explain import Classifier, TextExplanations, WordTokenizer, explain
from probe.explain.options import TextOptions
from probe.explain.registry import METHODS
from probe.model.engine import keras

L = keras.layers
INDEX = {"bad": 2, "dull": 3, "film": 4, "good": 5, "the": 6, "very": 7}
TEXT = "The film was GOOD, very good; not dull."


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A classifier, its network as a file, its vocabulary in two forms, and texts."""
    folder = tmp_path_factory.mktemp("explain")
    keras.utils.set_random_seed(2)
    ids = keras.Input((None,), dtype="int32")
    x = L.Conv1D(5, 3, padding="same", activation="relu", name="convolution")(L.Embedding(8, 4, name="embedding")(ids))
    y = L.Dense(3, activation="softmax")(L.GlobalMaxPooling1D()(L.Conv1D(4, 2, padding="causal", name="causal")(x)))
    model = keras.Model(ids, y)
    Classifier(model, WordTokenizer(INDEX), ("against", "for", "unsure"), length=12).save(folder / "classifier")
    model.save(folder / "network.keras")
    (folder / "index.json").write_text(json.dumps(INDEX), encoding="utf-8")
    (folder / "words.txt").write_text("\n".join(["<PAD>", "<UNK>", *INDEX]) + "\n", encoding="utf-8")
    (folder / "text.txt").write_text(TEXT, encoding="utf-8")
    (folder / "empty").mkdir()
    (folder / "lines.txt").write_text(f"{TEXT}\n\nvery\vbad\u2028\n", encoding="utf-8")
    return folder


def explained(capsys, *arguments) -> TextExplanations:
    assert main(["explain", *map(str, arguments), "--json"]) == 0
    return TextExplanations.from_json(json.loads(capsys.readouterr().out))


def test_a_text_s_weights_are_those_of_the_library(place, capsys):
    found, = explained(capsys, place / "classifier", place / "text.txt", "--method", "integrated_gradients", "--steps",
                       "7", "--target", "for", "--baseline", "pad", "--pads", "mask")
    expected = explain(Classifier.open(place / "classifier"), TEXT, method="integrated_gradients", steps=7,
                       target="for", baseline="pad", pads="mask")
    np.testing.assert_allclose(found.weights, expected.weights, rtol=1e-6)
    assert (found.text, found.target, found.label, found.pads_masked) == (TEXT, "for", expected.label, True)
    assert [TEXT[a:b] for _, [(a, b)], _ in found.spans] == TEXT.translate({44: "", 46: "", 59: ""}).split()
    assert found.tokens[:4] == ("the", "film", "<UNK>", "good")
    assert found.score == pytest.approx(expected.score)


def test_a_text_may_come_from_the_standard_input_or_as_words(place, capsys, monkeypatch):
    expected, = explained(capsys, place / "classifier", place / "text.txt")
    by_words, = explained(capsys, place / "classifier", "--text", TEXT)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode()), encoding="latin-1"))
    by_input, = explained(capsys, place / "classifier", "-")
    np.testing.assert_array_equal(by_words.weights, expected.weights)
    np.testing.assert_array_equal(by_input.weights, expected.weights)


def test_each_line_is_a_text_and_each_label_a_target(place, capsys):
    lines = explained(capsys, place / "classifier", place / "lines.txt", "--lines", "--method", "saliency")
    assert [each.text for each in lines] == [TEXT, "very\vbad\u2028"]
    several = explained(capsys, place / "classifier", "--text", TEXT, "--target", "for,0", "--method", "saliency")
    assert [each.target for each in several] == ["for", "against"]
    assert len({each.scale for each in several}) == 1
    every = explained(capsys, place / "classifier", "--text", TEXT, "--target", "all", "--output", "probabilities")
    assert [each.target for each in every] == ["against", "for", "unsure"]
    assert sum(each.score for each in every) == pytest.approx(1, abs=1e-6)


def test_a_recipe_s_folder_is_opened_for_its_classifier(place, capsys):
    inside, = explained(capsys, place, "--text", TEXT, "--method", "saliency")
    itself, = explained(capsys, place / "classifier", "--text", TEXT, "--method", "saliency")
    np.testing.assert_array_equal(inside.weights, itself.weights)


def test_a_layer_by_its_name_or_number(place, capsys):
    by_name, = explained(capsys, place / "classifier", "--text", TEXT, "--layer", "convolution")
    by_number, = explained(capsys, place / "classifier", "--text", TEXT, "--layer", "1")
    default, = explained(capsys, place / "classifier", "--text", TEXT)
    assert (by_name.layer, by_number.layer, default.layer) == ("convolution", "convolution", "causal")
    np.testing.assert_array_equal(by_name.weights, by_number.weights)


@pytest.mark.parametrize("vocabulary", [["index.json", "--unknown", "1"], ["words.txt", "--unknown", "<UNK>"]])
def test_a_network_with_its_vocabulary(place, capsys, vocabulary):
    name, *flags = vocabulary
    found, = explained(capsys, place / "network.keras", "--text", TEXT, "--vocabulary", place / name, *flags,
                       "--labels", "against, for, unsure", "--method", "gradient_x_input", "--target", "unsure")
    whole = Classifier.open(place / "classifier")
    expected = explain(whole.model, TEXT, tokenizer=WordTokenizer(INDEX), labels=whole.labels, target=2,
                       method="gradient_x_input")
    np.testing.assert_allclose(found.weights, expected.weights, rtol=1e-5)
    assert (found.target, found.tokens) == ("unsure", expected.tokens)


def test_a_network_without_its_vocabulary_takes_ids(place, capsys):
    found, = explained(capsys, place / "network.keras", "--ids", "6,4, 1,5", "--method", "saliency", "--target", "2")
    assert found.tokens == ("6", "4", "1", "5")
    named, = explained(capsys, place / "classifier", "--ids", "6,4", "--method", "saliency", "--target", "2")
    assert named.tokens[:3] == ("the", "film", "<PAD>")


def test_signs_and_shift_of_a_vocabulary():
    options = TextOptions(shift=3, start="1", unknown="2")
    assert options.tokenizer({"the": 1}).encode("the end").ids.tolist() == [1, 4, 2]
    characters = TextOptions(tokens="characters", casing="kept", unknown="b")
    assert characters.tokenizer({"a": 5, "b": 6}).encode("aAb").ids.tolist() == [5, 6, 6]


def test_pages_and_drawings(place, tmp_path, capsys):
    html, plot, strip = tmp_path / "why.html", tmp_path / "text.svg", tmp_path / "strip.png"
    assert main(["explain", str(place / "classifier"), "--text", TEXT, "--colour", "always", "--html", str(html),
                 "--plot", str(plot), "--strip", str(strip)]) == 0
    shown = capsys.readouterr().out
    assert "\x1b[" in shown and f"page: {html}" in shown and f"strip: {strip}" in shown
    assert "GOOD" in html.read_text("utf-8") and "Grad-CAM" in html.read_text("utf-8")
    assert "<svg" in plot.read_text("utf-8") and strip.read_bytes().startswith(b"\x89PNG")


def test_help_and_simple_mistakes_do_without_tensorflow(place):
    program = ("import sys\nfrom probe.cli.main import main\n"
               "for words in (['--help'], ['{0}', '--text', 'a', '--method', 'saliency', '--steps', '0'], "
               "['{0}', '--text', 'a', '--method', 'nonsense'], ['{0}', 'nowhere.txt']):\n"
               "    try:\n        main(['explain', *words])\n    except SystemExit:\n        pass\n"
               "print('tensorflow' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", program.format(place / "classifier")], capture_output=True, text=True,
                          check=True)
    assert done.stdout.endswith("False\n")
    assert done.stderr.count("\n") == 3
    for name in METHODS:
        assert name in done.stdout


@pytest.mark.parametrize(("arguments", "complaint"), [
    (["{c}"], "one of TEXT, --text and --ids says what is explained; received none"),
    (["{c}", "a.txt", "--text", "a"], "received TEXT and --text"),
    (["{c}", "nowhere.txt"], "nowhere.txt: no such file"),
    (["nowhere", "--text", "a"], "nowhere: no such file or folder"),
    (["nowhere/classifier.keras", "--text", "a"], "classifier.keras: no such file or folder"),
    (["{p}/empty", "--text", "a"], "is neither a classifier's folder nor a network"),
    (["{p}/text.txt", "--text", "a"], "neither a .keras file nor HDF5"),
    (["{c}", "--text", " "], "--text: holds no text"),
    (["{c}", "--text", "?!"], "holds no token"),
    (["{c}", "--ids", "1,x"], "--ids must be whole numbers with commas between them; received '1,x'"),
    (["{c}", "--ids", "1", "--lines"], "--lines is for texts"),
    (["{c}", "--ids", "99"], "99"),
    (["{c}", "--text", "a", "--labels", "a,b"], "--labels is for networks alone"),
    (["{n}", "--text", "a"], "is a network without a tokenizer: --vocabulary FILE"),
    (["{n}", "--text", "a", "--vocabulary", "nowhere.json"], "nowhere.json: no such file"),
    (["{n}", "--text", "a", "--vocabulary", "{p}/index.json", "--unknown", "zzz"], "--unknown must be a token"),
    (["{n}", "--text", "film", "--vocabulary", "{p}/index.json", "--labels", "a,b"], "labels must be different names"),
    (["{c}", "--text", "a", "--method", "deeplift"], "no method is called 'deeplift'; did you mean 'deep_lift'?"),
    (["{c}", "--text", "a", "--method", "nonsense"], "accepted are saliency, gradient_x_input"),
    (["{c}", "--text", "a", "--method", "lime"], "no method is called 'lime'; nearest to it are occlusion and shapley"),
    (["{c}", "--text", "a", "--method", "SHAP"], "no method is called 'SHAP'; nearest to it is shapley"),
    (["{c}", "--text", "a", "--steps", "3"], "grad_cam has no setting 'steps'; methods that have it: integrated_grad"),
    (["{c}", "--text", "a", "--method", "saliency", "--layer", "1"], "received 1 beside saliency"),
    (["{c}", "--text", "a", "--method", "integrated_gradients", "--steps", "0"], "--steps must be at least 1"),
    (["{c}", "--text", "a", "--target", "fro"], "no label is called 'fro'; did you mean 'for'?"),
    (["{c}", "--text", "a", "--target", "7"], "target must be"),
    (["{c}", "--text", "a", "--layer", "conv"], "no layer is called 'conv'; the layers are embedding"),
    (["{c}", "--text", "a", "--output", "odds"], "--output must be one of logits, probabilities"),
    (["{c}", "--text", "a", "--colour", "red"], "--colour must be one of auto, always, never"),
    (["{c}", "--text", "a", "--strip", "strip.jpg"], "--strip must name a file that ends in"),
    (["{c}", "--text", "a", "--html", "nowhere/why.html"], "there is no folder nowhere"),
])
def test_mistakes_are_one_line(place, tmp_path, monkeypatch, capsys, arguments, complaint):
    monkeypatch.chdir(tmp_path)
    names = {"{c}": str(place / "classifier"), "{n}": str(place / "network.keras"), "{p}": str(place)}
    for short, name in names.items():
        arguments = [argument.replace(short, name) for argument in arguments]
    assert main(["explain", *arguments]) == 1
    out, error = capsys.readouterr()
    assert out == "" and complaint in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())
