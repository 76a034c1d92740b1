import numpy as np
import pytest

from probe.attention.translator.translation import in_words
from probe.attention.truth import hiding
from probe.attention.truth.date_map import agreement_in_words, date_map, date_maps
from probe.attention.truth.hiding import Looked, hidden_effects, look
from probe.errors import UserError
from tests.attention.translator import equations, tiny

TEXT, OUTPUT = "23 May 1999", "1999-05-2"


@pytest.fixture(scope="module")
def translator():
    return tiny.translator()


def likelihood(model, ids, output):
    wanted = [*(2 + equations.DIGITS.index(character) for character in output), 1]
    log_probabilities, _ = equations.read(tiny.weights_of(model), ids, output)
    return log_probabilities[np.arange(len(wanted)), wanted]


@pytest.mark.parametrize(("text", "output"), [(TEXT, OUTPUT), ("1 June 2001", ""), ("a", "2016-01-01")])
def test_effects_are_those_of_the_equations_with_one_character_hidden_at_a_time(translator, text, output):
    found = look(translator, [text], [output])[0]
    plain = likelihood(translator.model, tiny.ids(text), output)
    expected = []
    for place in range(len(text)):
        ids = tiny.ids(text)
        ids[place] = 1
        expected.append(likelihood(translator.model, ids, output) - plain)
    assert hidden_effects(translator, text, output).shape == (len(output) + 1, len(text))
    np.testing.assert_allclose(found.effects, np.array(expected).T, atol=3e-5)
    np.testing.assert_allclose(found.log_probabilities, plain, atol=3e-5)
    np.testing.assert_allclose(
        found.weights, equations.read(tiny.weights_of(translator.model), tiny.ids(text), output)[1], atol=1e-5)
    assert np.abs(expected).max() > 0.01


def test_texts_are_looked_at_alike_alone_and_together(translator, monkeypatch):
    texts = ["23 May 1999", "1 January 2016 ", "a", "", "30 June 2001", "11 May 1999"]
    outputs = ["1999-05-23", "2016", "", "", "2001-06-30", "1999-05-11"]
    monkeypatch.setattr(hiding, "AT_ONCE", 150)
    together = look(translator, texts, outputs)
    for text, output, found in zip(texts, outputs, together, strict=True):
        np.testing.assert_allclose(found.effects, hidden_effects(translator, text, output), atol=3e-5)
        assert found.effects.shape == found.weights.shape == (len(output) + 1, len(text))


def test_what_was_never_seen_is_hidden_always_and_costs_nothing(translator):
    effects = hidden_effects(translator, "23 Mäy 1999", OUTPUT)
    assert not effects[:, 4].any() and effects[:, 5].all()


def test_too_long_a_text_is_refused(translator):
    with pytest.raises(UserError, match="at most"):
        hidden_effects(translator, "1" * 2000, OUTPUT)


def test_a_map_shows_the_networks_own_output_with_its_probability(translator):
    said = translator.translate([TEXT], 3)[0]
    found = date_map(translator, TEXT, 3)
    assert found.target == (*said.output, "end") and "".join(found.source) == TEXT
    assert found.probabilities.prod() == pytest.approx(said.probability, rel=1e-4)
    np.testing.assert_allclose(found.effects, hidden_effects(translator, TEXT, said.output), atol=3e-5)
    assert f"{said.probability:.3f}" in found.heading or "<0.001" in found.heading


def test_rivals_and_remarks_stand_below_a_map(translator):
    said = translator.translate(["23 Mäy 1999"], 5)[0]
    remarks = date_map(translator, "23 Mäy 1999").remarks
    assert set(said.remarks) <= set(remarks) and any("never seen" in line for line in remarks)
    rivals = [output for output, likelihood in said.outputs[1:] if likelihood > said.probability / 20]
    assert rivals and all(any(in_words(rival) in line for line in remarks) for rival in rivals)


def test_agreement_over_the_digits_of_what_is_known_is_told_in_words():
    weights = np.random.default_rng(0).dirichlet(np.ones(9), 11)
    effects = -weights
    effects[8:10] = weights[8:10] - 1  # of the day: what is attended to most costs least
    effects[4], effects[7], effects[10] = np.random.default_rng(1).normal(size=(3, 9))  # hyphens and end say nothing
    weights[:, 3], effects[:, 3], known = 1, 0, np.arange(9) != 3
    assert agreement_in_words("2016-11-05", Looked(weights, np.zeros(11), effects), known) == (
        "8 of 8 digits hang on a single character, hiding which costs at least 0.1 nats; the most costly has the most "
        "attention in 6 of these; mean rank correlation of attention and effect over all digits 0.50")
    assert agreement_in_words("2016-11-05", Looked(weights, np.zeros(11), effects / 100), known).startswith(
        "no digit hangs on a single character: hiding any one costs less than 0.1 nats; mean rank correlation")
    assert agreement_in_words("", Looked(weights[:1], np.zeros(1), effects[:1]), known) == ""


def test_what_no_network_can_write_is_refused(translator):
    with pytest.raises(UserError, match="received 'May'"):
        hidden_effects(translator, TEXT, "May")


def test_a_map_of_nothing_is_refused(translator):
    with pytest.raises(UserError, match="empty text"):
        date_maps(translator, [TEXT, ""])
