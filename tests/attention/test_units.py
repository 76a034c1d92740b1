"""What the units of a translator are looked at with: what encoder and decoder read, and what is known of it."""

import datetime

import numpy as np
import pytest

from probe.activations import ExtractOptions
from probe.activations.foreign import ForeignModel
from probe.activations.foreign.rows import DocumentRows
from probe.activations.signal import SIGNALS
from probe.attention.dates import PRESETS, DateOptions, DateTexts, WrittenDate
from probe.attention.translator.network import keras_network
from probe.attention.translator.options import TranslatorOptions
from probe.attention.translator.symbols import Symbols, target_ids
from probe.attention.units import held_out, output_lines, source_lines, with_no_date_between
from probe.attention.units.networks import decoder_of, encoder_of
from probe.errors import UserError
from probe.model.engine import keras
from tests.lstm_oracle import lstm_signals

TEXTS = DateTexts(PRESETS["languages"].options)
SYMBOLS = Symbols(TEXTS.characters)
DATES = TEXTS.draw("test", (3,), 40)
OUTPUTS = [date.iso for date in DATES[:20]] + ["", "2016-1", "20"]


@pytest.fixture(scope="module")
def model() -> keras.Model:
    made = keras_network(TranslatorOptions(units=7, embedding=5, attention=4), SYMBOLS.sources, seed=1)
    rng = np.random.default_rng(0)
    for weight in made.weights:  # larger than at the start, so that gates open and close
        weight.assign(rng.normal(0, 0.7, weight.shape))
    return made


def rows_of(model: keras.Model, lines) -> dict:
    rows = DocumentRows(ForeignModel.of(model), lines.documents, ExtractOptions(signals="all"))
    return rows.rows(0, len(rows))


def alone(layer, embedding: np.ndarray, ids: np.ndarray, backwards: bool = False) -> dict[str, np.ndarray]:
    """Every signal (T, U) of a layer that reads ids by itself from the zero state, in float64."""
    x = embedding[ids[::-1] if backwards else ids][:, None]
    zero = np.zeros((1, layer.units))
    found = lstm_signals(x, *layer.get_weights(), zero, zero)
    return {name: (values[::-1] if backwards else values)[:, 0] for name, values in found.items()}


def test_the_encoders_rows_are_those_of_each_date_alone_in_both_directions(model):
    lines = source_lines(DATES, SYMBOLS)
    found = rows_of(encoder_of(model), lines)
    (embedding,), encoder = model.get_layer("source_embedding").get_weights(), model.get_layer("encoder")
    for way, layer in (("forward", encoder.forward_layer), ("backward", encoder.backward_layer)):
        wanted = [alone(layer, embedding, ids, way == "backward") for ids in lines.documents]
        for signal in SIGNALS:
            np.testing.assert_allclose(found[f"encoder/{way}", signal],
                                       np.concatenate([each[signal] for each in wanted]), atol=1e-5)
            assert found[f"encoder/{way}", signal].std() > 0.05


def test_the_encoders_rows_are_what_keras_gives_on_to_the_attention(model):
    lines = source_lines(DATES, SYMBOLS)
    found = rows_of(encoder_of(model), lines)
    source, target = SYMBOLS.source_ids([date.text for date in DATES]), target_ids([date.iso for date in DATES])[0]
    inside = keras.Model(model.inputs, [model.get_layer("encoder").output, model.get_layer("decoder").output])
    values, asking = (np.asarray(each) for each in inside([source, target]))
    both = np.concatenate([found["encoder/forward", "hidden"], found["encoder/backward", "hidden"]], axis=1)
    np.testing.assert_allclose(both, values[source != 0], atol=1e-5)
    written = rows_of(decoder_of(model), output_lines([date.iso for date in DATES]))
    np.testing.assert_allclose(written["decoder", "hidden"], asking[target != 0], atol=1e-5)


def test_the_decoders_rows_follow_the_boundary_which_the_line_break_stands_for(model):
    lines = output_lines(OUTPUTS)
    found = rows_of(decoder_of(model), lines)
    (embedding,) = model.get_layer("target_embedding").get_weights()
    wanted = [alone(model.get_layer("decoder"), embedding, np.array([1, *("  0123456789-".index(c) for c in output)]))
              for output in OUTPUTS]
    for signal in SIGNALS:
        np.testing.assert_allclose(found["decoder", signal], np.concatenate([each[signal] for each in wanted]),
                                   atol=1e-5)
    assert lines.text == "".join("\n" + output for output in OUTPUTS)
    breaks = [place for place, character in enumerate(lines.text) if character == "\n"]
    first = found["decoder", "hidden"][breaks]
    assert len(found["decoder", "hidden"]) == len(lines.text) and np.abs(first - first[0]).max() < 1e-6
    assert np.abs(first[0]).max() > 0.01


def test_what_is_read_of_the_source_is_each_character_but_the_line_breaks():
    lines = source_lines(DATES, SYMBOLS)
    assert lines.text == "".join(date.text + "\n" for date in DATES)
    assert [lines.text[start:stop] for start, stop in lines.spans] == [c for date in DATES for c in date.text]
    known = [SYMBOLS.characters[number - 2] for ids in lines.documents for number in ids]
    assert known == [c for date in DATES for c in date.text]


def painted(lines, name: str) -> str:
    """The label of each character as a digit, or as ? beyond 9."""
    (label,) = [label for label in lines.labels if label.name == name]
    values = [0] * len(lines.text)
    for start, stop, value in label.spans:
        values[start:stop] = [value] * (stop - start)
    return "".join(str(value) if value < 10 else "?" for value in values)


TWO = [WrittenDate("Sat, 5 Nov 2016", datetime.date(2016, 11, 5), "en_GB", "one", "written",
                   (("weekday", 0, 3), ("day", 5, 6), ("month_name", 7, 10), ("year", 11, 15))),
       WrittenDate("03/07/99", datetime.date(1999, 3, 7), "en_US", "two", "written",
                   (("month", 0, 2), ("day", 3, 5), ("year", 6, 8)))]


@pytest.mark.parametrize(("name", "wanted"), [
    # text                        Sat, 5 Nov 2016⏎03/07/99⏎
    ("in_weekday",               "1110000000000000000000000"),
    ("in_day",                   "0000010000000000000110000"),
    ("in_month",                 "0000000000000000110000000"),
    ("in_month_name",            "0000000111000000000000000"),
    ("in_year",                  "0000000000011110000000110"),
    ("first_letter_of_weekday",  "1000000000000000000000000"),
    ("first_letter_of_month_name", "0000000100000000000000000"),
    ("between_parts",            "0001101000100000001001000"),
    ("month_before_day",         "0000000000000000111111111"),
    ("month_number",             "????????????????333333333"),
    ("day_of_month",             "5555555555555555777777777"),
])
def test_labels_of_the_source_lie_on_the_parts_of_dates(name, wanted):
    assert painted(source_lines(TWO, SYMBOLS), name) == wanted


@pytest.mark.parametrize(("name", "wanted"), [
    # text           ⏎2016-11-05⏎⏎2016-1
    ("in_year",     "0111100000000111100"),
    ("in_month",    "0000001100000000001"),
    ("in_day",      "0000000001100000000"),
    ("before_year", "1111000000001111000"),
    ("before_month", "0000011000000000010"),
    ("before_day",  "0000000011000000000"),
    ("position",    "0123456789?00123456"),
    ("at_end",      "0000000000110000001"),
])
def test_labels_of_outputs_tell_what_is_written_and_what_is_to_come(name, wanted):
    assert painted(output_lines(["2016-11-05", "", "2016-1"]), name) == wanted


def test_labels_that_hold_nowhere_are_left_out():
    names = {label.name for label in source_lines(TWO[:1], SYMBOLS).labels}
    assert "in_month" not in names and "in_month_name" in names and "month_before_day" not in names


def test_the_two_halves_of_a_text_are_days_of_the_test_and_share_none():
    dates = held_out(TEXTS, 5, 301)
    first, second = {date.date for date in dates[:151]}, {date.date for date in dates[151:]}
    seen = {date.date for date in TEXTS.draw("train", (0,), 60_000)} | {
        date.date for date in TEXTS.draw("validation", (0,), 20_000)}
    assert len(dates) == 301 and not first & second and not (first | second) & seen
    assert min(len(first), len(second)) > 80
    assert held_out(TEXTS, 5, 301) == dates != held_out(TEXTS, 6, 301)


def test_between_dates_are_texts_without_one():
    dates = held_out(TEXTS, 0, 100)
    texts = with_no_date_between(dates, TEXTS, 0)
    rest = [text for text in texts if text not in {date.text for date in dates}]
    assert [text for text in texts if text not in rest] == [date.text for date in dates]
    assert 30 < len(rest) < 70 and not set(rest) - {date.text for date in TEXTS.draw_without("test", (0,), 100)}


def test_too_few_days_are_told():
    few = DateTexts(DateOptions(first_year=2016, last_year=2016))
    assert len(held_out(few, 0, 50)) == 50
    days = {date.date for date in few.draw("test", (0,), 2000)}
    assert len(days) == few.count_of("test") < 25
    with pytest.raises(UserError, match="too few for two halves of 10 texts on different days"):
        held_out(OneDay(few.options), 0, 20)


class OneDay(DateTexts):
    """Texts of one day of the test alone."""

    def draw(self, split, key, count):
        return [TWO[0]] * count
