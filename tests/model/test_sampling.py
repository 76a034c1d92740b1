"""What a network writes, against the equations with the same draws."""

from functools import cache
from itertools import islice

import numpy as np
import pytest
from scipy.special import softmax

from probe.corpus import Vocabulary
from probe.errors import UserError
from probe.model import CharLSTM, ModelOptions, SampleOptions, Sampler
from probe.model.sampling import LENGTH
from probe.model.weights import weight_names
from tests.lstm_oracle import lstm_signals, read_text

SIGNALS = ("hidden", "cell", "input_gate", "forget_gate", "candidate", "output_gate")
CHARACTERS = Vocabulary(tuple("\n abcdefgh"))


@cache
def network(vocabulary: Vocabulary = CHARACTERS, **kernel) -> CharLSTM:
    """A network whose expectations differ widely from character to character."""
    model = CharLSTM(ModelOptions(units=9, layers=2), len(vocabulary), seed=4, **kernel)
    for weight in model.weights:
        weight.assign(weight.numpy() * 4)
    return model


def written(sampler: Sampler, prompt: str, options: SampleOptions) -> str:
    return "".join(each.character for each in sampler.sample(prompt, options))


def by_the_equations(model: CharLSTM, prompt: str, options: SampleOptions, window: int | None = None):
    """Text, probabilities and hidden states by reading all anew for each character, in float64."""
    weights = {name: weight.numpy() for name, weight in zip(weight_names(model), model.weights, strict=True)}
    uniforms = np.random.default_rng(options.seed)
    ids, probabilities, hidden = [CHARACTERS.characters.index(each) for each in prompt], [], []
    _, logits = read_text(np.array(ids[-(window or 0):]), weights, 2)
    for _ in range(options.length):
        found = softmax(logits[-1] / options.temperature)
        if options.greedy or options.top_k:
            found[np.argsort(found)[:-(1 if options.greedy else options.top_k)]] = 0
        drawn = int(np.searchsorted(np.cumsum(found / found.sum()), uniforms.random(), side="right"))
        probabilities.append(softmax(logits[-1])[drawn])
        ids.append(drawn)
        layers, logits = read_text(np.array(ids[-(window or 0):]), weights, 2)
        hidden.append([layer[-1] for layer in layers])
    return "".join(CHARACTERS.characters[each] for each in ids[len(prompt):]), probabilities, hidden


@pytest.mark.parametrize("window", [None, 6])
@pytest.mark.parametrize("options", [SampleOptions(length=60, seed=7), SampleOptions(length=60, greedy=True),
                                     SampleOptions(length=60, temperature=0.5, top_k=3)])
def test_it_writes_what_the_equations_write(options, window):
    model = network()
    found = list(Sampler(model, CHARACTERS, window=window).sample("abba cab", options))
    text, probabilities, hidden = by_the_equations(model, "abba cab", options, window)
    assert "".join(each.character for each in found) == text
    assert len(set(text)) > 1
    np.testing.assert_allclose([each.probability for each in found], probabilities, rtol=1e-4)
    for layer in (1, 2):
        np.testing.assert_allclose([each.activations[str(layer), "hidden"] for each in found],
                                   [rows[layer - 1] for rows in hidden], atol=1e-5)


@pytest.mark.parametrize("window", [None, 6])
def test_an_echo_has_the_prompt_first_with_every_signal_and_what_it_was_expected_with(window):
    model, prompt, options = network(), ("abba cab\nhgf " * 30)[:LENGTH + 9], SampleOptions(length=7, seed=3)
    found = list(Sampler(model, CHARACTERS, window=window).sample(prompt, options, signals=SIGNALS, echo=True))
    text = "".join(each.character for each in found)
    assert text == prompt + written(Sampler(model, CHARACTERS, window=window), prompt, options)
    weights = {name: weight.numpy() for name, weight in zip(weight_names(model), model.weights, strict=True)}
    ids = np.array([CHARACTERS.characters.index(each) for each in text])
    for place in (0, 3, 5, 6, LENGTH - 1, LENGTH, len(text) - 1):
        read = ids[max(0, place + 1 - (window or place + 1)):place + 1]
        x = np.eye(len(CHARACTERS))[read][:, None]
        for layer in (1, 2):
            own = (weights[f"lstm_{layer}/{name}"] for name in ("kernel", "recurrent_kernel", "bias"))
            every = lstm_signals(x, *own, np.zeros((1, 9)), np.zeros((1, 9)))
            for signal in SIGNALS:
                np.testing.assert_allclose(found[place].activations[str(layer), signal], every[signal][-1, 0],
                                           rtol=1e-5, atol=1e-5)
            x = every["hidden"]
        if place + 1 < len(text):
            expected = softmax(read_text(read, weights, 2)[1][-1])[ids[place + 1]]
            assert found[place + 1].probability == pytest.approx(expected, rel=1e-4)
    assert np.isnan(found[0].probability)


def test_kernels_write_the_same():
    options = SampleOptions(length=40, seed=2)
    texts = [written(Sampler(network(kernel=name), CHARACTERS), "a", options) for name in ("fused", "keras")]
    assert texts[0] == texts[1]


def test_it_is_a_function_of_its_arguments_however_it_is_read():
    sampler, options = Sampler(network(), CHARACTERS), SampleOptions(length=0, seed=1)
    whole = "".join(each.character for each in islice(sampler.sample("abc", options), 50))
    other, parts = sampler.sample("abc", options), ""
    for size in (1, 30, 19):
        list(islice(sampler.sample("had", options), 3))  # another text in between changes nothing
        parts += "".join(each.character for each in islice(other, size))
    assert parts == whole
    assert written(sampler, "abc", SampleOptions(length=50, seed=2)) != whole
    assert written(sampler, "abd", SampleOptions(length=50, seed=1)) != whole


@pytest.mark.parametrize("excess", [-1, 0, 1, LENGTH + 3])
def test_a_long_prompt_is_read_to_its_end(excess):
    model, options = network(), SampleOptions(length=12, seed=5)
    prompt = ("abcdefgh hgf \n" * 50)[:LENGTH + excess]
    assert written(Sampler(model, CHARACTERS), prompt, options) == by_the_equations(model, prompt, options)[0]


def test_of_a_window_only_the_last_characters_count():
    sampler, options = Sampler(network(), CHARACTERS, window=4), SampleOptions(length=30)
    assert written(sampler, "aaaabcde", options) == written(sampler, "hhh\nbcde", options)
    assert written(sampler, "aaaabcde", options) != written(sampler, "aaaabcdf", options)


def test_characters_the_network_does_not_know_are_named_at_once():
    sampler = Sampler(network(), CHARACTERS)
    with pytest.raises(UserError, match=r"holds 'Z' \(U\+005A\), '\\u201c' \(U\+201C\), which.*among them abcdefgh"):
        sampler.sample("aZ“Z")
    with pytest.raises(UserError, match="at least one character"):
        sampler.sample("")


def test_with_a_stand_in_for_rare_characters_all_are_known():
    rare = Vocabulary(tuple("ab"), unknown=True)
    text = written(Sampler(network(rare), rare), "aZ", SampleOptions(length=100))
    assert set(text) == {"a", "b", "\N{REPLACEMENT CHARACTER}"}
    assert text == written(Sampler(network(rare), rare), "a?", SampleOptions(length=100))
