"""The search finds what enumeration finds, and its probabilities are those of the equations."""

import itertools

import numpy as np
import pytest

from probe.attention.translator import decoding
from probe.attention.translator.symbols import target_ids, written
from probe.errors import UserError
from tests.attention.translator import equations, tiny

ASKED = ("1 January 2016", "May", "", "30.06.2001")
SHORT = ["", *equations.DIGITS, *map("".join, itertools.product(equations.DIGITS, repeat=2))]
SEEDS = (1, 2)


@pytest.fixture(params=SEEDS)
def translator(request):
    return tiny.reseeded(request.param, spread=0.9)


def chance(translator, text, output):
    """Of all characters of an output and its end."""
    found, _ = equations.read(tiny.weights_of(translator.model), tiny.ids(text), output)
    wanted = [*(2 + equations.DIGITS.index(each) for each in output), 1]
    return np.exp(found[np.arange(len(wanted)), wanted].sum())


def beam(translator, text, beams):
    """The search as it is described, to its very end."""
    weights, living, ended = tiny.weights_of(translator.model), [(0.0, "")], []
    for length in range(11):
        after = []
        for likelihood, prefix in living:
            row = equations.read(weights, tiny.ids(text), prefix)[0][-1]
            after.append((likelihood + row[1], prefix, True))
            if length < 10:
                after += [(likelihood + row[2 + place], prefix + each, False)
                          for place, each in enumerate(equations.DIGITS)]
        best = sorted(after, reverse=True)[:beams]
        ended += [(likelihood, prefix) for likelihood, prefix, end in best if end]
        living = [(likelihood, prefix) for likelihood, prefix, end in best if not end]
    return [output for _, output in sorted(ended, reverse=True)[:beams]]


def outputs(translator, texts, beams):
    return [[written(each) for each in found]
            for found in translator._decoder.outputs(tiny.SYMBOLS.source_ids(texts), beams)]


def test_with_as_many_beams_as_outputs_the_search_is_exact(translator, monkeypatch):
    monkeypatch.setattr(decoding, "LONGEST", 3)
    asked = ASKED[1:3]
    found = outputs(translator, asked, len(SHORT))
    narrow = {beams: outputs(translator, asked, beams) for beams in (1, 2, 5)}
    for place, text in enumerate(asked):
        chances = {output: chance(translator, text, output) for output in SHORT}
        assert sum(chances.values()) < 1
        expected = sorted(chances, key=lambda output: -chances[output])
        assert found[place] == expected
        for beams, others in narrow.items():
            assert 1 <= len(others[place]) <= beams
            assert chances[others[place][0]] <= chances[expected[0]]


@pytest.mark.parametrize("beams", [2, 3, 7])
def test_a_search_that_stops_early_ends_as_one_that_does_not(beams, translator):
    found = outputs(translator, ASKED[:2], beams)
    assert found == [beam(translator, text, beams) for text in ASKED[:2]]


def test_a_search_in_which_much_ends_early_goes_on_for_what_is_likelier(translator):
    bias = translator.model.get_layer("logits").bias
    former = bias.numpy()
    for more, beams in ((1.0, 3), (1.0, 6), (2.5, 6)):
        bias.assign(former + more * np.eye(13)[1])
        assert outputs(translator, ASKED[1:], beams) == [beam(translator, text, beams) for text in ASKED[1:]]


def test_a_search_is_settled_when_no_prefix_can_enter_the_list():
    ended = [(-5.0, (2, 1)), (-1.0, (1,))]
    assert not decoding._settled(ended, np.array([-3.0, -np.inf]))
    assert decoding._settled(ended, np.array([-6.0, -np.inf]))
    assert decoding._settled([*ended, (-2.0, (3, 1))], np.array([-3.0, -np.inf]))
    assert not decoding._settled(ended[1:], np.array([-3.0, -np.inf]))


def test_with_one_beam_each_character_is_the_likeliest(translator):
    for text, (output,) in zip(ASKED, outputs(translator, ASKED, 1), strict=True):
        rows = equations.read(tiny.weights_of(translator.model), tiny.ids(text), output)[0][:, 1:]
        chosen = [*(1 + equations.DIGITS.index(each) for each in output), 0]
        assert rows[:10].argmax(axis=1).tolist() == chosen[:10]


def test_more_beams_find_what_greed_misses():
    gains = []
    for seed in range(1, 5):
        translator = tiny.reseeded(seed, spread=0.9)
        one, many = (translator.translate(ASKED, beams) for beams in (1, 8))
        gains += [more.probability / greedy.probability for greedy, more in zip(one, many, strict=True)]
    assert max(gains) > 1.1


def test_probabilities_are_products_of_those_of_characters(translator):
    for found in translator.translate(ASKED, 4):
        assert len({output for output, _ in found.outputs}) == len(found.outputs)
        for output, probability in found.outputs:
            assert probability == pytest.approx(chance(translator, found.text, output), rel=1e-4)
        probabilities = [probability for _, probability in found.outputs]
        assert probabilities == sorted(probabilities, reverse=True)
        assert 0 < sum(probabilities) <= 1


def test_a_network_that_never_ends_is_ended_at_ten_characters():
    translator = tiny.reseeded()
    translator.model.get_layer("logits").bias.assign(30.0 * np.eye(13)[5])
    (found,) = translator.translate(["May"], 3)
    assert found.output == "3333333333"
    assert found.date is None
    assert 0 < found.probability < 1e-6


def test_padding_is_never_written():
    translator = tiny.reseeded()
    translator.model.get_layer("logits").bias.assign(30.0 * np.eye(13)[0])
    for beams in (1, 3):
        (found,) = translator._decoder.outputs(tiny.SYMBOLS.source_ids(["May"]), beams)
        assert all(0 not in output and output[-1] == 1 for output in found)


def test_a_search_without_a_beam_is_refused(translator):
    with pytest.raises(UserError, match="--beams must be at least 1; received 0"):
        translator.translate(["May"], 0)


def test_a_reading_is_that_of_the_equations_in_parts_and_as_a_whole(translator, monkeypatch):
    source = tiny.SYMBOLS.source_ids(tiny.TEXTS)
    whole = translator.read(source, tiny.OUTPUTS)
    monkeypatch.setattr("probe.attention.translator.translator.LARGEST", 2 * source.shape[1] + 3)
    for reading in (whole, translator.read(source, tiny.OUTPUTS)):
        for row, (text, output) in enumerate(zip(tiny.TEXTS, tiny.OUTPUTS, strict=True)):
            found, attention = equations.read(tiny.weights_of(translator.model), tiny.ids(text), output)
            wanted = target_ids([output])[1][0, :len(found)]
            np.testing.assert_allclose(reading.log_probabilities[row, :len(found)],
                                       found[np.arange(len(found)), wanted], atol=1e-5)
            assert (reading.log_probabilities[row, len(found):] == 0).all()
            np.testing.assert_allclose(reading.weights[row, :len(found), :len(text)], attention, atol=1e-5)
            assert (reading.weights[row, :, len(text):] == 0).all()
    assert whole.weights.dtype == whole.log_probabilities.dtype == np.float64


def test_answers_do_not_depend_on_the_company(monkeypatch):
    translator = tiny.reseeded(SEEDS[0], spread=0.9)
    texts = [*ASKED, "9" * 40, *ASKED, "5 May"]
    together = translator.translate(texts, 3)
    assert [each.text for each in together] == texts
    monkeypatch.setattr("probe.attention.translator.translator.LARGEST", 60)
    for found in (translator.translate(texts, 3), [translator.translate([text], 3)[0] for text in texts]):
        for one, other in zip(found, together, strict=True):
            assert [output for output, _ in one.outputs] == [output for output, _ in other.outputs]
            assert one.probability == pytest.approx(other.probability, rel=1e-4)


def test_nothing_is_asked():
    assert tiny.reseeded().translate([]) == []
    reading = tiny.reseeded().read(np.zeros((0, 4), np.int32), [])
    assert (reading.log_probabilities.shape, reading.weights.shape) == ((0, 11), (0, 11, 4))
