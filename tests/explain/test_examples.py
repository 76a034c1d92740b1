"""Examples: from files, from the standard library, and what a classifier learns of them."""

import ast
import gzip
import json
import re
import sysconfig
from pathlib import Path

import numpy as np
import pytest

from probe.errors import UserError
from probe.explain import (
    Classifier,
    Examples,
    TextExplanation,
    WordTokenizer,
    construct_passages,
    package_passages,
    with_truth,
)
from probe.explain.classifier.training import TeachingOptions, teach, try_out
from probe.explain.explanation.strongest import strongest
from probe.explain.tokenizers.index import read_index
from probe.model.engine import keras

LINES = [{"text": "good film", "label": "pos"}, {"text": "bad film", "label": ["neg", "short"], "split": "test"}]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_examples_from_json_lines(tmp_path, pack):
    path = tmp_path / "texts.jsonl"
    path.write_bytes(pack("\n\n".join(map(json.dumps, LINES)).encode()))
    found = Examples.read(path)
    assert (found.texts, found.labels) == (("good film", "bad film"), (("pos",), ("neg", "short")))
    assert found.splits[1] == "test" and found.names == ("neg", "pos", "short")
    assert found.targets(("pos", "neg", "short")).tolist() == [[True, False, False], [False, True, True]]


@pytest.mark.parametrize(("content", "complaint"), [
    (b'{"text": "a"}', "line 1: must be one JSON object a line"),
    (b'{"text": "a", "label": "b"}\n[1]', "line 2: must be"), (b'{"text": 1, "label": "b"}', "line 1: must be"),
    (b'{"text": "a", "label": [1]}', "line 1: must be"), (b"{", "line 1 is not JSON"),
    (b'{"text": "a", "label": "b", "split": "dev"}', "split must be train or test; received 'dev'"),
    (b"", "each text needs its labels"), (b"\x1f\x8b\0\0", "not a readable gzip file"),
])
def test_other_files_are_refused_in_one_line(tmp_path, content, complaint):
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(UserError, match=re.escape(complaint)) as raised:
        Examples.read(tmp_path / "a.jsonl")
    assert "\n" not in str(raised.value)


def test_a_tenth_is_held_out_and_equal_texts_stand_on_one_side():
    texts = tuple(f"text {number % 1500}" for number in range(3000))
    found = Examples(texts, (("a",),) * 3000)
    assert 0.07 < found.splits.count("test") / 3000 < 0.13
    assert found.splits[:1500] == found.splits[1500:]
    assert set(found.of("test").texts).isdisjoint(found.of("train").texts)
    assert found.sample(5).texts == found.sample(5).texts != found.sample(5, seed=1).texts


def test_passages_of_packages_hold_whole_files_out():
    found = package_passages(("json", "email"), lines=10)
    library = Path(sysconfig.get_path("stdlib"))
    files = {package: {path: path.read_text("utf-8") for path in (library / package).rglob("*.py")}
             for package in ("json", "email")}
    homes: dict[str, set[str]] = {"train": set(), "test": set()}
    for text, (package,), split in zip(found.texts, found.labels, found.splits, strict=True):
        holding = [path for path, whole in files[package].items() if text in whole]
        assert holding and text.count("\n") <= 9 and text.split("\n")[0].strip()
        if len(holding) == 1:
            homes[split].add(str(holding[0]))
    assert homes["test"] and homes["train"] and not homes["test"] & homes["train"]
    assert {label for labels in found.of("test").labels for label in labels} == {"json", "email"}
    with pytest.raises(UserError, match="this Python has no two source files"):
        package_passages(("nonsense",))


def test_passages_are_labelled_by_what_begins_in_them():
    found = construct_passages(("json",))
    for text, labels in zip(found.texts, found.labels, strict=True):
        words = set(re.findall(r"^\s*(?:async )?(class|return|raise|try|for|while|with|import|from)\b", text, re.M))
        said = {label for label in labels if label not in ("comment", "docstring")}
        expected = {{"raise": "exception", "try": "exception", "for": "loop", "while": "loop", "from": "import"}.get(
            word, word) for word in words}
        if '"""' not in text and "'''" not in text and not text.startswith((" ", ")")):
            try:
                ast.parse(text)
            except SyntaxError:
                continue
            assert said <= expected
        assert ("comment" not in labels) or "#" in text
    assert {"class", "comment", "docstring", "exception", "import", "loop", "return"} <= set(found.names)


def test_a_small_network_learns_and_its_trial_is_what_counting_says(capsys):
    generator = np.random.default_rng(0)
    words = generator.permutation(["good film", "bad film", "a good one", "a bad one"] * 30)
    examples = Examples(tuple(words), tuple((("pos",) if "good" in text else ("neg",)) for text in words),
                        ("train", "train", "test") * 40)
    tokenizer = WordTokenizer.from_texts(examples.texts)

    def architecture(rows, labels, kind, length):
        ids = keras.Input((length,), dtype="int32")
        x = keras.layers.GlobalMaxPooling1D()(keras.layers.Embedding(rows, 4)(ids))
        return keras.Model(ids, keras.layers.Dense(labels, activation="sigmoid")(x))

    options = TeachingOptions(epochs=10, learning_rate=0.2, batch=16)
    classifier = teach(architecture, tokenizer, examples, kind="binary", length=4, options=options, show=False)
    trial = try_out(classifier, examples.of("test"))
    assert trial.accuracy == classifier.notes["accuracy"] == 1.0
    assert trial.majority == max(examples.of("test").labels.count((name,)) for name in ("pos", "neg")) / 40
    assert "held-out accuracy 100.0% on 40 texts" in str(trial)
    assert capsys.readouterr().out == ""
    twisted = Examples(("good film", "bad film", "good"), (("neg",), ("neg",), ("pos",)))
    wrong = try_out(classifier, twisted)
    assert (wrong.accuracy, wrong.majority) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert wrong.labels == (("neg", 2, 0.5, 1.0), ("pos", 1, 1.0, 0.5))


def test_the_trial_of_several_labels_counts_every_decision():
    ids = keras.Input((2,), dtype="int32")
    x = keras.layers.Embedding(4, 3, embeddings_initializer="zeros")(ids)
    dense = keras.layers.Dense(3, activation="sigmoid")
    model = keras.Model(ids, dense(keras.layers.GlobalMaxPooling1D()(x)))
    dense.set_weights([np.zeros((3, 3)), np.array([9.0, -9.0, -9.0])])
    classifier = Classifier(model, WordTokenizer.from_index({"x": 2, "y": 3}), ("a", "b", "c"), "multi", length=2)
    trial = try_out(classifier, Examples(("x", "y", "x y"), (("a",), ("a", "b"), ())))
    assert trial.accuracy == pytest.approx(7 / 9)
    assert trial.majority == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert trial.labels == (("a", 2, 1.0, pytest.approx(2 / 3)), ("b", 1, 0.0, None), ("c", 0, None, None))
    assert "–" in str(trial)


def test_the_strongest_tokens_of_a_target_over_texts():
    def explanation(target, tokens, weights):
        ends = np.cumsum([len(token) + 1 for token in tokens])
        offsets = np.stack([ends - [len(token) + 1 for token in tokens], ends - 1], axis=1)
        return TextExplanation(" ".join(tokens), tokens, offsets, np.array(weights), np.zeros(len(tokens), bool),
                               target, 1.0, "logit", target, "by hand")

    several = [explanation("b", ("x", "y", "x"), [1.0, -3.0, 0.5]), explanation("a", ("z",), [-1.0]),
               explanation("b", ("x", "w", "x"), [0.25, 1.0, -0.5])]
    found = strongest(several, most=2)
    assert found == {"a": [], "b": [("x", 1.75, 2), ("w", 1.0, 1)]}
    told = with_truth(several, Examples(("x y x", "z", "x w x"), (("b", "a"), (), ("b",))))
    assert [each.truth for each in told] == ["b, a", "none of the labels", "b"]
    with pytest.raises(UserError, match="must be of the same texts"):
        with_truth(several, Examples(("z", "x y x", "x w x"), ((), (), ())))


@pytest.mark.parametrize(("name", "content", "expected"), [
    ("a.json", '{"the": 1, "a b": 7}', {"the": 1, "a b": 7}), ("a.json", '{"1": "the", "0": "x"}', {"the": 1, "x": 0}),
    ("a.json", '["x", "the"]', {"x": 0, "the": 1}), ("a.txt", "x\nthe\r\nend", {"x": 0, "the": 1, "end": 2}),
    ("a.txt", "x\n \n", {"x": 0, " ": 1}),
])
def test_an_index_from_a_file(tmp_path, name, content, expected):
    (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    assert read_index(tmp_path / name) == expected


@pytest.mark.parametrize(("name", "content", "complaint"), [
    ("a.json", '{"the": 1.5}', "must be JSON"), ("a.json", '{"the": true}', "must be JSON"), ("a.json", "7", "must be"),
    ("a.json", "{}", "must be"), ("a.json", '["a", "a"]', "gives 'a' two ids"),
    ("a.txt", "a\nb\na", "gives 'a' two ids"),
    ("a.json", '{"a": 1, "a": 2}', "the key 'a' twice"), ("a.json", '{"1": "a", "2": "a"}', "gives 'a' two ids"),
])
def test_other_indices_are_refused(tmp_path, name, content, complaint):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=complaint):
        read_index(tmp_path / name)
