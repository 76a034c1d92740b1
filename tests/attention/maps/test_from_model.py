"""Weights of attention layers of any Keras model, against the equations, and what is left as it was."""

import re
import threading
from pathlib import Path

import numpy as np
import pytest

from probe.attention import AttentionMap
from probe.attention.maps.listening import listening
from probe.errors import UserError
from probe.files import read_text
from probe.model.engine import keras, tf
from tests.attention.maps import equations

PAGE = Path(__file__).resolve().parents[3] / "docs" / "attention-any-model.md"
layers = keras.layers
SOURCE, TARGET = np.array([3, 1, 4, 1, 5]), np.array([2, 7, 1])
PADDED, ASKING = np.array([3, 1, 4, 0, 0]), np.array([2, 7, 1, 0])
EVERY = np.ones((3, 5), bool)


# Keras says so of GroupQueryAttention's own parts, and of nested models, in which masks do pass.
MASKS = pytest.mark.filterwarnings("ignore:[^']*Layer '.*' .* was passed an input with a mask:UserWarning")


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(3)


def randomly(model):
    """Set all weights of a model, so that no bias or scale is what it was made with."""
    generator = np.random.default_rng(5)
    for variable in model.weights:
        if "seed" not in variable.path:
            variable.assign(generator.normal(size=variable.shape) * 0.8)
    return model


def two_inputs(attention, mask=False, length=(None, None), **called):
    """A model of two sequences of ids; the second asks the first."""
    source, target = (keras.Input((size,), dtype="int32", name=name)
                      for name, size in zip(("read", "asked"), length, strict=True))
    value = layers.Embedding(9, 4, mask_zero=mask, name="of_source")(source)
    query = layers.Embedding(9, 4, mask_zero=mask, name="of_target")(target)
    many = isinstance(attention, layers.MultiHeadAttention | layers.GroupQueryAttention)
    found = attention(query, value, **called) if many else attention([query, value], **called)
    return randomly(keras.Model([source, target], layers.Dense(3)(found), name="pair"))


def rows_of(model, name, ids):
    return model.get_layer(name).get_weights()[0].astype(np.float64)[ids]


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("kind", ["dot", "concat", "additive"])
def test_attention_of_one_head_follows_its_equation(kind, causal, scaled):
    layer = (layers.AdditiveAttention(use_scale=scaled, dropout=0.5) if kind == "additive" else
             layers.Attention(use_scale=scaled, score_mode=kind, dropout=0.5))
    model = two_inputs(layer, mask=True, use_causal_mask=causal)
    shown = AttentionMap.from_model(model, 0, PADDED, ASKING)
    value, query = rows_of(model, "of_source", PADDED), rows_of(model, "of_target", ASKING)
    allowed = np.broadcast_to(PADDED != 0, (4, 5)) & (np.tri(4, 5, dtype=bool) if causal else True)
    weights = [np.asarray(each, np.float64) for each in layer.get_weights()]
    if kind == "additive":
        by_hand = equations.additive(query, value, weights[0] if scaled else np.ones(4), allowed)
    elif kind == "concat":
        by_hand = equations.concat(query, value, float(weights[0]) if scaled else 1, float(weights[-1]), allowed)
    else:
        by_hand = equations.dot(query, value, float(weights[0]) if scaled else 1, allowed)
    np.testing.assert_allclose(shown.weights[0], by_hand[:3, :3], rtol=2e-6, atol=1e-7)
    assert shown.source == ("3", "1", "4") and shown.target == ("2", "7", "1") and shown.heads == ()
    everything = AttentionMap.from_model(model, 0, PADDED, ASKING, keep_pads=True)
    np.testing.assert_allclose(everything.weights[0], by_hand, rtol=2e-6, atol=1e-7)
    assert not everything.weights[0][:, 3:].any()


@MASKS
@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("masks", ["none", "pads", "causal", "window", "own", "own of heads"])
def test_many_heads_follow_their_equation(masks, grouped):
    options = {"dropout": 0.3, "sliding_window": 2 if masks == "window" else None}
    layer = (layers.GroupQueryAttention(3, 4, 2, **options) if grouped else
             layers.MultiHeadAttention(4, 3, value_dim=2, **options))
    own = np.random.default_rng(0).random((1, 4, 3, 5)) < 0.6
    own[..., 1] = True
    own = own[:, 0] if masks == "own" else own
    called = {"use_causal_mask": True} if masks == "causal" else (
        {"attention_mask": own} if "own" in masks else {})
    model = two_inputs(layer, mask=masks == "pads", **called)
    source = PADDED if masks == "pads" else SOURCE
    shown = AttentionMap.from_model(model, layer, source, TARGET, keep_pads=True)
    behind = np.arange(3)[:, None] - np.arange(5)
    allowed = {"none": EVERY, "pads": EVERY & (PADDED != 0), "causal": behind >= 0, "window": np.abs(behind) < 2,
               "own": own[0], "own of heads": own[0]}[masks]
    into = {each.name: [np.asarray(kept, np.float64) for kept in each.get_weights()]
            for each in (layer._query_dense, layer._key_dense)}
    by_hand = equations.heads(rows_of(model, "of_target", TARGET), rows_of(model, "of_source", source),
                              into["query"], into["key"], allowed)
    assert shown.weights.shape == (4, 3, 5) and shown.heads == ("head 0", "head 1", "head 2", "head 3")
    np.testing.assert_allclose(shown.weights, by_hand, rtol=1e-5, atol=1e-7)
    assert not shown.weights[~np.broadcast_to(allowed, shown.weights.shape)].any()


def test_a_network_wired_by_hand_reads_what_it_was_wired_to_read():
    source = keras.Input((None, 3), name="read")
    found = layers.Attention(name="look")([source, source])
    model = keras.Model(source, found)
    vectors = np.eye(3) * np.sqrt(np.log(8))  # a position's score with itself is log 8, with others 0
    shown = AttentionMap.from_model(model, "look", vectors, source_tokens="abc", target_tokens="abc")
    np.testing.assert_allclose(shown.weights, [[[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]], atol=1e-7)
    assert shown.source == shown.target == ("a", "b", "c") and shown.heading == "look (Attention)"
    assert shown.remarks == ()
    assert AttentionMap.from_model(model, "look", vectors).remarks == (
        "columns and rows are called by their positions, from 0",)


class Block(layers.Layer):
    """A layer that holds an attention layer, as blocks of transformers do."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.look = layers.MultiHeadAttention(2, 3, name="look")
        self.supports_masking = True

    def build(self, shape):
        self.look.build(shape, shape)
        super().build(shape)

    def call(self, inputs):
        return inputs + self.look(inputs, inputs)


class Own(keras.Model):
    """A model with a call of its own, compiled as its author wished."""

    def __init__(self, compiled=False, **kwargs):
        super().__init__(**kwargs)
        self.embedding = layers.Embedding(9, 4, mask_zero=True)
        self.look = layers.AdditiveAttention(dropout=0.5, name="look")
        self.run = tf.function(self._run) if compiled else self._run

    def _run(self, source, target):
        return self.look([target, source])

    def call(self, source, target):
        return self.run(self.embedding(source), self.embedding(target))


@pytest.mark.parametrize("compiled", [False, True])
def test_models_with_a_call_of_their_own(compiled):
    model = Own(compiled)
    with pytest.raises(UserError, match="not built yet"):
        AttentionMap.from_model(model, 0, SOURCE, TARGET)
    model(SOURCE[None], TARGET[None])
    randomly(model)
    table, scale = (each.astype(np.float64) for each in (model.embedding.get_weights()[0], model.look.get_weights()[0]))
    by_hand = equations.additive(table[TARGET], table[PADDED], scale, EVERY & (PADDED != 0))
    for source, target in ((PADDED, TARGET), ({"source": PADDED}, {"target": TARGET})):
        shown = AttentionMap.from_model(model, "look", source, target)
        # A mask does not pass a compiled function, so that the layer reads the padding, and the map says so.
        if compiled and shown.weights.shape[-1] == 5:
            assert "padding that no mask hides from the layer (id 0, 2 of 5" in shown.remarks[0]
            by_hand = equations.additive(table[TARGET], table[PADDED], scale, EVERY)
            np.testing.assert_allclose(shown.weights[0], by_hand, rtol=1e-5)
        else:
            np.testing.assert_allclose(shown.weights[0], by_hand[:, :3], rtol=1e-5)
    before = model(SOURCE[None], TARGET[None]).numpy()
    np.testing.assert_array_equal(before, model(SOURCE[None], TARGET[None]).numpy())


@MASKS
def test_nested_parts_are_named_by_their_way_and_read_in_place():
    inner_input = keras.Input((None, 4))
    inner = keras.Model(inner_input, Block(name="block")(inner_input), name="inner")
    ids = keras.Input((None,), dtype="int32")
    hidden = layers.Embedding(9, 4, mask_zero=True, name="of_source")(ids)
    model = keras.Model(ids, Block(name="outer")(inner(hidden)), name="deep")
    randomly(model)
    shown = AttentionMap.from_model(model, "inner/block/look", PADDED)
    look = inner.get_layer("block").look
    read = rows_of(model, "of_source", PADDED)
    into = [[np.asarray(kept, np.float64) for kept in each.get_weights()]
            for each in (look._query_dense, look._key_dense)]
    by_hand = equations.heads(read, read, *into, np.broadcast_to(PADDED != 0, (5, 5)))
    np.testing.assert_allclose(shown.weights, by_hand[:, :3, :3], rtol=1e-5)
    assert shown.source == shown.target == ("3", "1", "4")
    for other in (0, -2, look):
        np.testing.assert_array_equal(AttentionMap.from_model(model, other, PADDED).weights, shown.weights)
    assert not np.allclose(AttentionMap.from_model(model, 1, PADDED).weights, shown.weights)
    with pytest.raises(UserError, match=r"more than one .* 'look'; there are inner/block/look, outer/look"):
        AttentionMap.from_model(model, "look", PADDED)


def test_sequential_models():
    model = randomly(keras.Sequential([keras.Input((5,), dtype="int32"), layers.Embedding(9, 4), Block(name="block"),
                                       layers.GlobalAveragePooling1D(), layers.Dense(2)]))
    shown = AttentionMap.from_model(model, "look", SOURCE)
    assert shown.weights.shape == (2, 5, 5) and shown.source == shown.target == ("3", "1", "4", "1", "5")


def test_a_layer_that_is_called_several_times():
    one, other = keras.Input((None, 4), name="one"), keras.Input((None, 4), name="other")
    look = layers.Attention(name="look")
    first = look([one, other])
    model = keras.Model([one, other], look([first, other]))
    generator = np.random.default_rng(1)
    read, asked = generator.normal(size=(3, 4)), generator.normal(size=(5, 4))
    early = equations.dot(read, asked, 1, np.ones((3, 5), bool))
    late = equations.dot(early @ asked, asked, 1, np.ones((3, 5), bool))
    calls = [AttentionMap.from_model(model, 0, {"other": asked}, {"one": read}, call=call) for call in (0, 1, -1, None)]
    np.testing.assert_allclose(calls[0].weights[0], early, rtol=1e-5)
    np.testing.assert_allclose(calls[1].weights[0], late, rtol=1e-5)
    np.testing.assert_array_equal(calls[1].weights, calls[2].weights)
    np.testing.assert_array_equal(calls[3].weights[0], np.concatenate([calls[0].weights[0], calls[1].weights[0]]))
    assert calls[2].remarks[0] == "call 1 (from 0) of 2" and len(calls[3].target) == 6
    with pytest.raises(UserError, match="is called 2 times; received call=2"):
        AttentionMap.from_model(model, 0, asked, read, call=2)
    with pytest.raises(UserError, match=r"whole number or None; received .*first"):
        AttentionMap.from_model(model, 0, asked, read, call="first")


class Steps(keras.Model):
    """A decoder that asks once a step."""

    def __init__(self):
        super().__init__()
        self.look = layers.AdditiveAttention(name="look")

    def call(self, inputs):
        source, target = inputs
        return tf.concat([self.look([target[:, step:step + 1], source]) for step in range(target.shape[1])], axis=1)


def test_calls_of_single_steps_make_one_map():
    model, generator = Steps(), np.random.default_rng(2)
    read, asked = generator.normal(size=(5, 4)).astype("f"), generator.normal(size=(3, 4)).astype("f")
    model([read[None], asked[None]])
    shown = AttentionMap.from_model(model, 0, read, asked, call=None, target_tokens="xyz")
    by_hand = equations.additive(asked.astype(np.float64), read.astype(np.float64),
                                 model.look.get_weights()[0].astype(np.float64), EVERY)
    np.testing.assert_allclose(shown.weights[0], by_hand, rtol=1e-5)
    assert shown.target == ("x", "y", "z")


class Looking(layers.Layer):
    """A cell that attends to a memory at each step, as hand-written decoders do."""

    def __init__(self):
        super().__init__()
        self.state_size, self.look, self.memory = 4, layers.AdditiveAttention(name="look"), None

    def build(self, shape):
        self.look.build([(None, 1, 4), (None, None, 4)])

    def call(self, inputs, states):
        found = self.look([states[0][:, None], self.memory])[:, 0]
        return found, [keras.ops.tanh(inputs + found)]


class Decoder(keras.Model):
    def __init__(self, unroll):
        super().__init__()
        self.cell = Looking()
        self.steps = layers.RNN(self.cell, return_sequences=True, unroll=unroll)

    def call(self, source, target):
        self.cell.memory = source
        return self.steps(target)


@pytest.mark.parametrize("unroll", [False, True])
def test_a_cell_that_attends_has_one_row_a_step(unroll):
    model, generator = Decoder(unroll), np.random.default_rng(2)
    read, asked = generator.normal(size=(5, 4)).astype("f"), generator.normal(size=(3, 4)).astype("f")
    model(read[None], asked[None])
    state, rows = np.zeros(4), []
    for step in asked:
        rows.append(equations.additive(state[None], read.astype(np.float64), model.cell.look.get_weights()[0],
                                       np.ones((1, 5), bool))[0])
        state = np.tanh(step + rows[-1] @ read)
    shown = AttentionMap.from_model(model, 0, read, asked, call=None)
    np.testing.assert_allclose(shown.weights[0], rows, rtol=1e-5)


def test_nothing_of_the_model_is_changed_by_looking():
    ids = keras.Input((4,), batch_size=1, dtype="int32")
    hidden = layers.LSTM(4, return_sequences=True, stateful=True, dropout=0.2, seed=1)(layers.Embedding(9, 4)(ids))
    hidden = layers.MultiHeadAttention(2, 2, dropout=0.4, seed=2, name="look")(hidden, hidden)
    model = keras.Model(ids, layers.BatchNormalization()(layers.GaussianNoise(0.3, seed=3)(hidden)))
    model(np.ones((1, 4)))
    look = model.get_layer("look")
    before = [each.numpy() for each in model.variables]
    AttentionMap.from_model(model, "look", SOURCE[:4])
    assert all(np.array_equal(each.numpy(), kept) for each, kept in zip(model.variables, before, strict=True))
    assert "call" not in vars(look) and not tf.config.functions_run_eagerly()
    with pytest.raises(UserError, match="cannot read this example"):
        AttentionMap.from_model(model, "look", np.array([1, 2, 3, 99]))
    assert all(np.array_equal(each.numpy(), kept) for each, kept in zip(model.variables, before, strict=True))
    assert "call" not in vars(look) and not tf.config.functions_run_eagerly()


@pytest.mark.parametrize("layer", [layers.Attention(), layers.AdditiveAttention(), layers.MultiHeadAttention(2, 3)])
def test_the_model_answers_as_if_nobody_listened(layer):
    model = two_inputs(layer, mask=True, use_causal_mask=True)
    without = model([PADDED[None], ASKING[None]])
    with listening(layer, "look") as heard:
        within = model([PADDED[None], ASKING[None]])
    assert len(heard) == 1 and within.shape == (1, 4, 3)
    np.testing.assert_array_equal(within, without)
    np.testing.assert_array_equal(within._keras_mask, without._keras_mask)


def test_what_stops_the_model_leaves_it_as_it_was():
    class Stopping(layers.Layer):
        stops = False

        def call(self, inputs):
            if self.stops:
                raise KeyboardInterrupt
            return inputs

    look, stopping, source = layers.Attention(), Stopping(), keras.Input((None, 2))
    model = keras.Model(source, stopping(look([source, source])))
    Stopping.stops, mine = True, look.call
    vars(look)["call"] = mine
    with pytest.raises(KeyboardInterrupt):
        AttentionMap.from_model(model, 0, np.eye(2))
    assert vars(look)["call"] is mine and not tf.config.functions_run_eagerly()
    assert not keras.src.backend.common.stateless_scope.in_stateless_scope()


def test_calls_from_other_threads_are_not_heard():
    source = keras.Input((None, 2))
    look = layers.Attention()
    model = keras.Model(source, look([source, source]))

    class Meanwhile(layers.Layer):
        def call(self, inputs):
            thread = threading.Thread(target=lambda: look([tf.ones((1, 7, 2)), tf.ones((1, 7, 2))]))
            thread.start()
            thread.join()
            return inputs

    outer = keras.Model(source, model(Meanwhile()(source)))
    shown = AttentionMap.from_model(outer, 0, np.eye(2))
    assert shown.weights.shape == (1, 2, 2) and shown.remarks == (
        "columns and rows are called by their positions, from 0",)


def test_dropout_of_a_model_that_always_drops_is_said():
    class Dropping(layers.Layer):
        def __init__(self):
            super().__init__()
            self.look = layers.Attention(dropout=0.5, seed=1)

        def build(self, shape):
            self.look.build([shape, shape])

        def call(self, inputs):
            return self.look([inputs, inputs], training=True)

    read, dropping = keras.Input((None, 4)), Dropping()
    model, look = keras.Model(read, dropping(read)), dropping.look
    vectors = np.random.default_rng(0).normal(size=(4, 4))
    before = look.seed_generator.state.numpy()
    shown = AttentionMap.from_model(model, 0, vectors)
    np.testing.assert_allclose(shown.weights[0], equations.dot(vectors, vectors, 1, np.ones((4, 4), bool)), rtol=1e-5)
    assert "training=True; the weights are those without its dropout" in shown.remarks[0]
    np.testing.assert_array_equal(look.seed_generator.state.numpy(), before)


@pytest.mark.parametrize("policy", ["mixed_float16", "float16", "mixed_bfloat16", "float64"])
@pytest.mark.parametrize("many", [False, True])
def test_other_precisions(policy, many):
    layer = layers.MultiHeadAttention(2, 3, dtype=policy) if many else layers.AdditiveAttention(dtype=policy)
    model = two_inputs(layer, mask=True)
    shown = AttentionMap.from_model(model, 0, PADDED, TARGET)
    np.testing.assert_allclose(shown.weights.sum(axis=-1), 1, atol=1e-12)
    said = [each for each in shown.remarks if "divided by their sums" in each]
    assert len(said) == (policy != "float64") and all(policy.removeprefix("mixed_") in each for each in said)
    if not many:
        by_hand = equations.additive(rows_of(model, "of_target", TARGET), rows_of(model, "of_source", PADDED),
                                     layer.get_weights()[0].astype(np.float64), EVERY & (PADDED != 0))
        np.testing.assert_allclose(shown.weights[0], by_hand[:, :3], atol=0.02 if said else 1e-6)


def test_rows_without_weights_are_not_shown_even_with_their_padding():
    shown = AttentionMap.from_model(two_inputs(layers.MultiHeadAttention(2, 3), mask=True), 0, PADDED, ASKING,
                                    keep_pads=True)
    assert shown.target == ("2", "7", "1") and shown.source == ("3", "1", "4", "0", "0")
    assert not shown.weights[:, :, 3:].any()


def test_rows_that_see_nothing_are_left_out_and_said():
    both = two_inputs(layers.MultiHeadAttention(2, 3), use_causal_mask=True,
                      attention_mask=np.array([[[0, 1, 1, 1, 1]] * 3], bool))
    shown = AttentionMap.from_model(both, 0, SOURCE, TARGET)
    assert shown.target == ("7", "1") and shown.source == ("1", "4", "1", "5")
    assert any("1 of 3 rows with nothing to attend to" in each and each.endswith("(0, from 0)")
               for each in shown.remarks)
    for layer in (layers.Attention(), layers.MultiHeadAttention(2, 3)):
        with pytest.raises(UserError, match="masks hide every position"):
            AttentionMap.from_model(two_inputs(layer, mask=True), 0, np.zeros(5, int), TARGET)
        with pytest.raises(UserError, match="masks hide every position"):
            AttentionMap.from_model(two_inputs(layer.__class__.from_config(layer.get_config()), mask=True), 0, SOURCE,
                                    np.zeros(3, int))


def test_masked_positions_are_left_out_and_counted():
    shown = AttentionMap.from_model(two_inputs(layers.Attention(), mask=True), 0, PADDED, ASKING)
    assert shown.remarks == ("left out: 2 of 5 columns, masked and of weight 0",
                             "left out: 1 of 4 rows, asking from masked positions")


@MASKS
def test_padding_that_no_mask_hides_is_shown_with_its_weight():
    source = keras.Input((5,), dtype="int32")
    hidden = layers.Embedding(9, 4, mask_zero=True)(source)
    hidden = layers.Reshape((5, 4))(hidden)  # takes the mask away
    model = keras.Model(source, layers.Attention()([hidden, hidden]))
    shown = AttentionMap.from_model(model, 0, PADDED)
    assert shown.source == ("3", "1", "4", "0", "0")
    share = shown.weights[0][:, 3:].sum(axis=-1).mean()
    assert shown.remarks == ("padding that no mask hides from the layer (id 0, 2 of 5 columns) gets "
                             f"{share:.1%} of the weight",)
    plain = two_inputs(layers.Attention())
    assert AttentionMap.from_model(plain, 0, SOURCE, TARGET).remarks == ()
    assert "(id 1, 2 of 5 columns)" in AttentionMap.from_model(plain, 0, SOURCE, TARGET, pad=1).remarks[0]


def test_axes_of_one_length_are_told_apart_by_what_changes_with_the_target():
    source, target = keras.Input((3,), dtype="int32", name="read"), keras.Input((3,), dtype="int32", name="asked")
    read, asked = layers.Embedding(9, 4)(source), layers.Embedding(9, 4)(target)
    read = layers.Attention(name="of_encoder")([read, read])
    asked = layers.Attention(name="of_decoder")([asked, asked])
    model = randomly(keras.Model([source, target], layers.Attention(name="across")([asked, read])))
    ends = {name: AttentionMap.from_model(model, name, SOURCE[:3], TARGET) for name in ("of_encoder", "of_decoder",
                                                                                      "across")}
    read, asked = ("3", "1", "4"), ("2", "7", "1")
    assert {name: (each.source, each.target) for name, each in ends.items()} == {
        "of_encoder": (read, read), "of_decoder": (asked, asked), "across": (read, asked)}


def test_tokens_label_what_is_shown():
    model = two_inputs(layers.Attention(), mask=True)
    for words in ("abcde", "abc", ["a", "b", "c"]):
        assert AttentionMap.from_model(model, 0, PADDED, TARGET, source_tokens=words).source == ("a", "b", "c")
    with pytest.raises(UserError, match=r"source_tokens must be 5, one for each position, or 3, .*; received 4"):
        AttentionMap.from_model(model, 0, PADDED, TARGET, source_tokens="abcd")
    with pytest.raises(UserError, match="target_tokens must be strings; received '1'"):
        AttentionMap.from_model(model, 0, PADDED, TARGET, target_tokens=[1, 2, 3])


def test_inputs_that_have_names():
    ids, asked = keras.Input((None,), dtype="int32", name="words"), keras.Input((None, 4), name="ask")
    model = keras.Model({"words": ids, "ask": asked}, layers.Attention()([asked, layers.Embedding(9, 4)(ids)]))
    shown = AttentionMap.from_model(model, 0, {"words": SOURCE}, {"ask": np.eye(4)[:2]})
    assert shown.source == ("3", "1", "4", "1", "5") and shown.target == ("0", "1")
    with pytest.raises(UserError, match="takes its inputs by name; source and target must be mappings of ask, words"):
        AttentionMap.from_model(model, 0, SOURCE, np.eye(4)[:2])


@pytest.mark.parametrize(("given", "message"), [
    ({"layer": "looks"}, "no attention layer of pair is called 'looks'; there are look"),
    ({"layer": 1}, r"1 attention layers \(look\); received the index 1"),
    ({"layer": layers.Dense(2, name="dense")}, "dense is a Dense, which has no weights of attention"),
    ({"layer": None}, "is called 'None'"),
    ({"layer": layers.Attention(name="stranger")}, "does not call the layer stranger"),
    ({"source": SOURCE[None]}, r"takes read of shape \(any\), one example without a batch axis; received \(1, 5\)"),
    ({"source": []}, r"source must be an array of ids .* received float64 of shape \(0,\)"),
    ({"source": ["a", "b"]}, "received <U1 of shape"), ({"source": [1.5, 2]}, "takes ids as read; received 1.5"),
    ({"source": [np.nan]}, "finite numbers; received nan"), ({"source": [[1], [1, 2]]}, "rows of different lengths"),
    ({"target": None}, r"takes 2 inputs: read \(any\), asked \(any\); received 1 arrays"),
    ({"source": {"reading": SOURCE}}, "received arrays for reading"), ({"source": {}}, "mapping of names"),
    ({"source": {"read": SOURCE}, "target": {"read": TARGET}}, "both have an array for the input read"),
    ({"source": [12]}, "pair cannot read this example: .*indices"), ({"model": "pair"}, "keras.Model; received str"),
])
def test_what_is_refused(given, message):
    model = two_inputs(layers.Attention(name="look"))
    with pytest.raises(UserError, match=message) as refused:
        AttentionMap.from_model(**{"model": model, "layer": 0, "source": SOURCE, "target": TARGET, **given})
    assert "\n" not in str(refused.value)


def test_layers_whose_weights_are_not_to_be_had():
    wide = keras.Input((3, 5, 4))
    model = keras.Model(wide, layers.MultiHeadAttention(2, 3, name="wide")(wide, wide))
    with pytest.raises(UserError, match=r"attends over axes 1, 2 of queries of shape \(1, 3, 5, 4\)"):
        AttentionMap.from_model(model, 0, np.ones((3, 5, 4)))
    model = keras.Model(wide, layers.Attention()([wide, wide]))
    with pytest.raises(UserError, match="the last axes but one of queries of shape"):
        AttentionMap.from_model(model, 0, np.ones((3, 5, 4)))
    read = keras.Input((2, 4))
    halves = layers.Reshape((2, 2, 2))(read)[0]
    folded = layers.Attention(name="folded")([halves, halves])
    with pytest.raises(UserError, match="folded sees a batch of 2 where one example was given"):
        AttentionMap.from_model(keras.Model(read, folded), 0, np.ones((2, 4)))
    class Parallel(layers.Layer):
        def __init__(self):
            super().__init__()
            self.look = layers.Attention()

        def build(self, shape):
            self.look.build([shape, shape])

        def call(self, inputs):
            return keras.ops.vectorized_map(lambda each: self.look([each[None], each[None]])[0], inputs)

    model = keras.Model(read, Parallel()(read))
    with pytest.raises(UserError, match="cannot be run step by step"):
        AttentionMap.from_model(model, 0, np.ones((2, 4)))
    fast = layers.MultiHeadAttention(2, 3, flash_attention=True)
    with pytest.raises(UserError, match="uses flash attention"):
        AttentionMap.from_model(keras.Model(read, read), fast, np.ones((3, 4)))


def variant(**methods):
    return type("Variant", (layers.Attention,), methods)


@pytest.mark.parametrize(("kind", "message"), [
    (variant(_apply_scores=lambda self, scores, value, **_: (value, keras.ops.sigmoid(scores))),
     "each row of attention must sum to one; row . of head 0 sums to"),
    (variant(_calculate_scores=lambda self, query, key: keras.ops.full((1, 3, 3), float("nan"))), "finite weights"),
    (variant(call=lambda self, inputs: inputs[0]),
     "does not take return_attention_scores and training; it takes inputs"),
    (variant(call=lambda self, inputs, training=None, return_attention_scores=False:
             (inputs[0], None) if return_attention_scores else inputs[0]), "returns no weights when it is asked"),
    (variant(call=lambda self, inputs, training=None, return_attention_scores=False:
             (inputs[0] * 2, keras.ops.ones((1, 3, 3)) / 3) if return_attention_scores else inputs[0]),
     "these are not the weights that the model used"),
    (variant(call=lambda self, inputs, training=None, return_attention_scores=False, use_causal_mask=True:
             (inputs[0], keras.ops.ones((1, 3, 3)) / 3) if return_attention_scores else inputs[0]), None),
])
def test_subclasses_that_give_something_else_are_found_out(kind, message):
    read = keras.Input((3, 4))
    model = keras.Model(read, kind(name="odd")([read, read]))
    if message is None:
        assert AttentionMap.from_model(model, 0, np.eye(4)[:3]).weights.shape == (1, 3, 3)
        return
    with pytest.raises(UserError, match=message) as refused:
        AttentionMap.from_model(model, 0, np.eye(4)[:3])
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("ignored", "called"), [
    ("_compute_causal_mask", {"use_causal_mask": True, "attention_mask": EVERY[None]}),
    ("_compute_sliding_window_mask", {})])
def test_heads_that_look_beyond_a_causal_mask_or_a_window_are_refused(ignored, called):
    everywhere = {ignored: lambda self, query, value=None: keras.ops.ones((1, 3, 5), "bool")}
    layer = type("Wide", (layers.MultiHeadAttention,), everywhere)(2, 3, sliding_window=None if called else 2)
    with pytest.raises(UserError, match=r"in row 0 of head 0 to position [12], which its mask hides"):
        AttentionMap.from_model(two_inputs(layer, **called), 0, SOURCE, TARGET)


def test_weight_on_what_a_mask_hides_is_refused():
    class Leaking(layers.Attention):
        def _calculate_score_mask(self, scores, v_mask, use_causal_mask):
            return None

    with pytest.raises(UserError, match=r"gives the weight .* to position 3, which its mask hides"):
        AttentionMap.from_model(two_inputs(Leaking(), mask=True), 0, PADDED, TARGET)


def test_python_of_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known = {}
    for block in re.findall(r"```python\n(.*?)```", read_text(PAGE), re.DOTALL):
        exec(compile(block, PAGE.name, "exec"), known)
    assert known["shown"].source == ("5", "Nov", "16", ".") and known["shown"].weights.shape == (2, 3, 4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.html", "map.pdf", "maps.html"]
