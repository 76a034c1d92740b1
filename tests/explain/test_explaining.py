"""From texts, tokens or ids to explanations: what is read, what is padding, which targets, which errors."""

import numpy as np
import pytest

from probe.errors import UserError
from probe.explain import Classifier, TextExplanations, WordTokenizer, explain, explain_all, of_vectorization
from probe.explain.tokenizers.laying import laid_on
from probe.model.engine import keras

pytestmark = pytest.mark.usefixtures("eager")
L = keras.layers
WORDS = WordTokenizer({"the": 2, "cat": 3, "sat": 4, "mat": 5, "good": 6, "bad": 7})


def network(*, steps=None, mask=False, classes=3, activation="softmax"):
    keras.utils.set_random_seed(4)
    ids = keras.Input((steps,), dtype="int32")
    rows = L.Embedding(9, 4, mask_zero=mask, embeddings_initializer=keras.initializers.RandomNormal(stddev=1))
    hidden = L.GRU(3)(rows(ids)) if mask else L.GlobalAveragePooling1D()(L.Conv1D(5, 2, activation="relu",
                                                                                   name="seen")(rows(ids)))
    return keras.Model(ids, L.Dense(classes, activation=activation)(hidden))


MODEL = network()
LABELS = ("a", "b", "c")
CLASSIFIER = Classifier(MODEL, WORDS, LABELS, length=6)


def test_a_text_its_tokens_and_its_ids_are_explained_alike():
    text = "The cat sat"
    by_text = explain(MODEL, text, method="saliency", tokenizer=WORDS, labels=LABELS)
    by_tokens = explain(MODEL, ["the", "cat", "sat"], method="saliency", tokenizer=WORDS, labels=LABELS, text=text)
    by_ids = explain(MODEL, [2, 3, 4], method="saliency", tokens=["the", "cat", "sat"], text=text, labels=LABELS)
    for found in (by_text, by_tokens, by_ids):
        assert found.text == text
        assert [text[start:stop] for _, [(start, stop)], _ in found.spans] == ["The", "cat", "sat"]
        np.testing.assert_array_equal(found.weights, by_text.weights)
    outputs = MODEL(np.array([[2, 3, 4]])).numpy()[0]
    assert by_text.label == by_text.target == LABELS[outputs.argmax()]
    np.testing.assert_allclose(list(by_text.probabilities.values()), outputs, atol=1e-6)


def test_repeated_tokens_keep_each_its_own_weight():
    found = explain(CLASSIFIER, "the good the bad the", method="occlusion")
    weights = [weight for token, _, weight in found.spans if token == "the"]
    assert len(set(weights)) == 3


def test_a_classifier_fills_up_and_its_pads_are_known():
    found = explain(CLASSIFIER, "the cat sat", method="saliency")
    assert found.pads.tolist() == [False] * 3 + [True] * 3
    assert [token for token, _, _ in found.spans] == ["the", "cat", "sat"]
    sizes = np.abs(found.weights)
    assert found.pad_share == pytest.approx(sizes[3:].sum() / sizes.sum())
    masked = explain(CLASSIFIER, "the cat sat", method="saliency", pads="mask")
    assert masked.pads_masked and (masked.weights[3:] == 0).all() and masked.pad_share == found.pad_share
    np.testing.assert_array_equal(masked.weights[:3], found.weights[:3])


@pytest.mark.parametrize(("ids", "padding", "pads"), [
    ([0, 0, 3, 0, 4], None, [1, 1, 0, 0, 0]), ([3, 0, 4, 0, 0], None, [0, 0, 0, 1, 1]),
    ([0, 3, 4, 0, 0], None, [1, 0, 0, 1, 1]), ([0, 3, 4, 0, 0], "pre", [1, 0, 0, 0, 0]),
    ([0, 3, 4, 0, 0], "post", [0, 0, 0, 1, 1]), ([3, 4, 5, 6, 7], None, [0] * 5)])
def test_pads_are_runs_at_the_ends(ids, padding, pads):
    found = explain(MODEL, ids, method="saliency", pad_value=0, padding=padding)
    assert found.pads.astype(int).tolist() == pads
    assert found.text == " ".join(str(each) for each, pad in zip(ids, pads, strict=True) if not pad)


def test_pads_are_known_by_their_token_too():
    found = explain(MODEL, [0, 3, 4], method="saliency", pad_token="<p>", tokens=["<p>", "cat", "sat"])
    assert found.pads.tolist() == [True, False, False] and found.text == "cat sat"


def test_a_network_of_a_fixed_length_is_filled_up_on_the_side_that_is_said():
    model = network(steps=6)
    behind, before = (explain(model, [3, 4], method="saliency", pad_value=0, padding=side) for side in ("post", "pre"))
    assert behind.pads.tolist() == [False] * 2 + [True] * 4
    assert before.pads.tolist() == [True] * 4 + [False] * 2
    with pytest.raises(UserError, match="pad_value"):
        explain(model, [3, 4], method="saliency")


def test_the_mask_of_an_embedding_tells_its_pads():
    found = explain(network(mask=True), [3, 4, 0, 0], method="saliency")
    assert found.pads.tolist() == [False, False, True, True]
    assert found.pad_share == 0 and (found.weights[2:] == 0).all()


def test_several_targets_share_one_scale():
    found = explain(CLASSIFIER, "good cat bad mat", method="gradient_x_input", target=["a", 2])
    assert isinstance(found, TextExplanations) and [each.target for each in found] == ["a", "c"]
    assert len({each.scale for each in found}) == 1
    every = explain(CLASSIFIER, "good cat bad mat", method="gradient_x_input", target="all")
    assert [each.target for each in every] == list(LABELS)
    alone = explain(CLASSIFIER, "good cat bad mat", method="gradient_x_input", target="c")
    np.testing.assert_array_equal(every[2].weights, alone.weights)


def test_a_batch_is_what_its_texts_are_one_by_one():
    texts = ["good cat", "the bad mat sat", "cat"]
    together = explain_all(CLASSIFIER, texts, method="integrated_gradients", steps=8)
    for text, found in zip(texts, together, strict=True):
        alone = explain(CLASSIFIER, text, method="integrated_gradients", steps=8)
        assert found.text == text and found.target == alone.target
        np.testing.assert_allclose(found.weights, alone.weights, atol=1e-5)
    ids = np.array([[3, 4, 5], [6, 7, 2]])
    assert len(explain(MODEL, ids, method="saliency")) == 2


def test_probabilities_are_explained_on_request():
    logit = explain(CLASSIFIER, "good cat", method="integrated_gradients", target="b")
    share = explain(CLASSIFIER, "good cat", method="integrated_gradients", target="b", output="probabilities")
    assert (logit.scored, share.scored) == ("logit", "probability")
    assert share.score == pytest.approx(share.probabilities["b"], abs=1e-6)
    assert abs(share.law_error) < 1e-3


def test_a_network_that_reads_vectors_is_explained_by_its_positions():
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, L.Dense(2)(L.LSTM(3)(inputs)))
    given = np.random.default_rng(0).normal(size=(5, 4))
    found = explain(model, given, method="gradient_x_input", target=1, tokens=list("abcde"))
    assert found.text == "a b c d e" and len(found.weights) == 5


def test_one_of_two_inputs_is_explained():
    one, other = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    encoder = keras.Sequential([keras.Input((None,), dtype="int32"), L.Embedding(9, 4), L.GRU(3)])
    model = keras.Model([one, other], L.Dot(1)([encoder(one), encoder(other)]))
    found = explain(model, ["the cat", "a good mat sat"], method="integrated_gradients", target=0, input=1,
                    tokenizer=WORDS)
    assert found.text == "a good mat sat" and found.scored == "output"
    assert abs(found.law_error) < 1e-3


@pytest.mark.parametrize(("document", "options", "message"), [
    ("the cat", {"method": "gradcam"}, "no method is called 'gradcam'; did you mean 'grad_cam'"),
    ("the cat", {"target": "d"}, "no label is called 'd'"), ("the cat", {"target": []}, "target must be"),
    ("the cat", {"layer": "seen", "method": "saliency"}, "layer is for methods"),
    ("the cat", {"pads": "drop"}, "report, mask"), ("the cat", {"padding": "both", "method": "saliency"}, "pre, post"),
    ("the cat", {"steps": 3}, "^grad_cam has no setting 'steps'; methods that have it: integrated_gradients, layer_"),
    ("the cat", {"step": 3, "method": "saliency"}, "^saliency has no setting 'step'; methods that have it: occlusion$"),
    ("the cat", {"stepz": 3, "method": "occlusion"}, "^occlusion has no setting 'stepz'; it has window, step$"),
    ("the cat", {"method": "lime"}, "nearest to it are occlusion and shapley"), ("...", {}, "no token"),
    (["the cat", "a dog"], {}, "'the cat' is a text: explain_all takes a list of texts"),
    (["the cat", "a dog"], {"tokenizer": len}, "explain_all takes a list of texts"),
    ("the cat", {"relu": False, "method": "saliency"}, "no setting 'relu'"), (["dog"], {"tokenizer": len}, "table"),
    ([3.5, 2.0], {}, "ids of the shape"), ([3, 99], {}, "rows for ids"), ([3, 4], {"tokens": ["x"]}, "2 ids and 1"),
    ("the cat", {"input": 2}, "input must be"), ("the cat", {"labels": ["x"]}, "3 outputs"),
])
def test_mistakes_are_told_in_a_line(document, options, message):
    with pytest.raises(UserError, match=message):
        explain(CLASSIFIER, document, **options)


def test_a_text_without_a_tokenizer_is_refused():
    with pytest.raises(UserError, match="needs the tokenizer"):
        explain(MODEL, "the cat")


def test_a_network_that_reads_strings_is_to_be_cut():
    words = L.TextVectorization(vocabulary=["the", "cat"], output_sequence_length=4, name="words")
    rest = keras.Sequential([keras.Input((4,)), L.Embedding(4, 3), L.LSTM(3), L.Dense(1, activation="sigmoid")])
    text = keras.Input((1,), dtype="string")
    with pytest.raises(UserError, match=r"begins with strings.* words \(TextVectorization\).*of_vectorization"):
        explain(keras.Model(text, rest(words(text))), "the cat")
    known = {"tokenizer": of_vectorization(words), "pad_value": 0}
    assert explain(rest, "the cat", **known).text == "the cat"
    notes = " ".join(explain(rest, "the cat", **known).notes)
    assert "no convolutional, recurrent or pooling layer behind it has a time axis" in notes
    assert "integrated_gradients, lrp_epsilon or occlusion say more" in notes
    with pytest.raises(UserError, match=r"LSTM\) multiplies signals, which takes products=\"halves\" \(lrp_epsilon"):
        explain(rest, "the cat", method="deep_lift", **known)


@pytest.mark.parametrize(("text", "tokens"), [
    ("The cat sat on the mat", "the cat sat on the mat".split()), ("A cat and a dog", "a cat and a dog".split()),
    ("Great film. It is a great film", "great film it is a great film".split()),
    ("Playing a play", ["play", "##ing", "a", "play"]), ("İstanbul is big", ["i̇stanbul", "is", "big"])])
def test_tokens_are_found_in_order_whatever_their_case(text, tokens):
    spans = laid_on(text, tokens)
    assert (spans >= 0).all() and (np.diff(spans[:, 0]) > 0).all()
    assert [text[start:stop].lower() for start, stop in spans] == [token.removeprefix("##") for token in tokens]
    begins = [start == 0 or not text[start - 1].isalpha() for start, _ in spans]
    assert begins == [not token.startswith("##") for token in tokens]


def test_what_was_cut_off_is_told():
    found = explain(CLASSIFIER, "the cat sat the bad mat good cat", method="saliency")
    assert found.notes[0] == ("the network reads 6 tokens: the last 2 of the text, from character 23 of 32 on, were "
                              "not read")
    assert explain(CLASSIFIER, "the cat", method="saliency").notes[0].startswith("a saliency")


def test_an_activation_that_was_replaced_is_seen():
    model = network()
    before = explain(model, [2, 3, 4], method="saliency", target=0)
    model.layers[-1].activation = keras.activations.linear
    assert before.scored == "logit" and explain(model, [2, 3, 4], method="saliency", target=0).scored == "output"


@pytest.mark.parametrize("squash", [keras.ops.softmax, keras.activations.softmax, L.Softmax(), L.Activation("softmax")])
def test_logits_are_found_before_a_softmax_of_any_name(squash):
    model = network(activation=None)
    squashed = keras.Model(model.input, squash(model.output))
    one, other = (explain(each, [2, 3, 4], method="saliency", target=1) for each in (model, squashed))
    assert other.scored == "logit" and other.score == pytest.approx(one.score, abs=1e-6)
    np.testing.assert_allclose(other.weights, one.weights, atol=1e-6)


def test_ids_may_be_changed_before_they_are_looked_up():
    inner, ids = network(), keras.Input((None,), dtype="int32")
    shifted = keras.Model(ids, inner(ids + 1))
    one, other = explain(inner, [3, 4, 5], method="saliency"), explain(shifted, [2, 3, 4], method="saliency")
    np.testing.assert_allclose(other.weights, one.weights, atol=1e-6)
    numbers = keras.Model(ids, L.Dense(2)(L.Lambda(lambda each: keras.ops.one_hot(each, 9))(ids)))
    with pytest.raises(UserError, match="without an Embedding"):
        explain(numbers, np.array([2, 3, 4]), method="saliency")


def test_ragged_ids_are_a_batch_and_a_text_that_is_too_short_is_a_line():
    found = explain(CLASSIFIER, [[3, 4, 5], [6, 7]], method="saliency")
    assert [each.text for each in found] == ["cat sat mat", "good bad"]
    with pytest.raises(UserError, match="too short"):
        explain(MODEL, [3], method="saliency")
