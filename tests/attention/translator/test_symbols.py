"""Ids of characters, batches to train on, and what is said of a translation."""

import datetime
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.attention.dates import DateOptions, DateTexts
from probe.attention.translator.batches import Batch, training_batch
from probe.attention.translator.symbols import BOUNDARY, HIDDEN, LONGEST, PADDING, Symbols, target_ids, written
from probe.attention.translator.translation import Translation, day_of
from probe.errors import UserError
from tests.attention.translator import tiny

TEXTS = DateTexts(DateOptions(no_date=0.3))
SYMBOLS = Symbols(TEXTS.characters)


@given(st.lists(st.text(max_size=12), max_size=5))
def test_source_ids(texts):
    rows = tiny.SYMBOLS.source_ids(texts)
    assert (rows.dtype, len(rows)) == (np.int32, len(texts))
    for row, text in zip(rows, texts, strict=True):
        assert row.tolist() == tiny.ids(text) + [PADDING] * (rows.shape[1] - len(text))
    assert rows.shape[1] == max(1, *map(len, texts), 1)
    assert rows.max(initial=0) < tiny.SYMBOLS.sources


@given(st.lists(st.text("0123456789-", max_size=10), min_size=1, max_size=4))
def test_target_ids_come_back(outputs):
    given_ids, wanted = target_ids(outputs)
    assert given_ids.shape == wanted.shape == (len(outputs), LONGEST)
    for before, after, output in zip(given_ids, wanted, outputs, strict=True):
        assert written(after) == written(before) == output
        assert before[0] == after[len(output)] == BOUNDARY
        assert (before[1:len(output) + 1] == after[:len(output)]).all()
        assert (before[len(output) + 1:] == PADDING).all() and (after[len(output) + 1:] == PADDING).all()


@pytest.mark.parametrize("output", ["2016-11-005", "5 May", "\n" * 300])
def test_what_no_network_can_write_is_refused(output):
    with pytest.raises(UserError, match="at most 10 characters of 0123456789-; received") as refused:
        target_ids(["2016-11-05", output])
    assert len(str(refused.value)) < 700 and "\n" not in str(refused.value)


def test_unknown_characters_are_told_once():
    assert tiny.SYMBOLS.unknown("xMayx?\0") == ["x", "?", "\0"]
    assert tiny.SYMBOLS.unknown("May") == []


def test_spaces_of_all_kinds_are_read_alike():
    plain, *others = tiny.SYMBOLS.source_ids(["1 May", "1\u00a0May", "1\u202fMay", "1\u3000May"])
    assert all((row == plain).all() for row in others)
    assert tiny.SYMBOLS.unknown("1\u00a0May\t") == ["\t"]


@pytest.mark.parametrize("characters", ["abca", 3, ["a", "b"], None])
def test_characters_are_a_text_with_each_once(characters):
    with pytest.raises(UserError, match="characters that a translator knows"):
        Symbols(characters)


def batch(seed=3, step=7, count=64, hidden=0.0):
    return training_batch(TEXTS, SYMBOLS, seed, step, count, hidden)


def same(one: Batch, other: Batch) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("source", "given", "wanted"))


def test_a_batch_holds_the_texts_and_dates_of_its_seed_and_step():
    texts, found = TEXTS.draw("train", (3, 7), 64), batch()
    for text, row, wanted in zip(texts, found.source, found.wanted, strict=True):
        characters = "".join(SYMBOLS.characters[each - 2] for each in row if each != PADDING)
        assert (characters, written(wanted)) == (tiny.plain(text.text), text.iso)
        assert (row[len(text.text):] == PADDING).all()
    assert any(text.date is None for text in texts) and any(text.date for text in texts)


def test_a_batch_is_a_pure_function_of_seed_and_step():
    one = batch(hidden=0.5)
    assert same(one, batch(hidden=0.5))
    assert not same(one, batch(seed=4, hidden=0.5))
    assert not same(one, batch(step=8, hidden=0.5))
    assert not same(batch(seed=3, step=7), batch(seed=7, step=3))
    rows = [(batch(step=step).source != batch(step=step, hidden=0.5).source).any(axis=1) for step in (7, 8)]
    assert not np.array_equal(*rows)


def test_the_share_of_texts_with_hidden_characters():
    for share in (0.0, 0.2, 1.0):
        changed, most = [], 0
        for step in range(20):
            whole, partly = batch(step=step), batch(step=step, hidden=share)
            different = whole.source != partly.source
            assert (partly.source[different] == HIDDEN).all()
            assert (whole.source[different] != PADDING).all()
            assert np.array_equal(whole.wanted, partly.wanted) and np.array_equal(whole.given, partly.given)
            filled = (whole.source != PADDING).any(axis=1)
            changed += different.any(axis=1)[filled].tolist()
            most = max(most, different.sum(axis=1).max())
        # 1,280 texts but for the empty ones: five standard deviations.
        assert np.mean(changed) == pytest.approx(share, abs=5 * np.sqrt(share * (1 - share) / 1200))
        assert most == (3 if share else 0)


def test_every_place_of_a_text_is_hidden_at_times():
    places = np.zeros(8, int)
    for step in range(60):
        whole, partly = batch(step=step), batch(step=step, hidden=1.0)
        short = (whole.source != PADDING).sum(axis=1) == 8
        places += (whole.source != partly.source)[short, :8].sum(axis=0)
    assert places.min() > 0.5 * places.mean() > 2


def translation(text="May", outputs=(("2016-05-01", 0.9), ("", 0.08), ("2016-05-11", 0.001)), unknown="", longest=20):
    return Translation(text, tuple(outputs), unknown, longest)


def test_a_translation_says_what_it_is_and_what_else_it_could_be():
    found = translation()
    assert (found.output, found.probability, found.date) == ("2016-05-01", 0.9, datetime.date(2016, 5, 1))
    assert found.remarks == ()
    said = str(found)
    assert said.startswith("2016-05-01  0.900") and "no date 0.080" in said and "2016-05-11" not in said


def test_a_translation_says_that_there_is_no_date():
    found = translation(outputs=[("", 0.7), ("2016-05-01", 0.1)])
    assert (found.output, found.date) == ("", None)
    assert str(found).startswith("no date  0.700; or 2016-05-01 0.100")


@pytest.mark.parametrize("output", ["2016-02-30", "2016-5-1", "20160501", "0000-01-01", "-", "2016-13-01"])
def test_what_is_no_day_is_called_so(output):
    found = translation(outputs=[(output, 0.5)])
    assert found.date is None and day_of(output) is None
    assert f"{output} is no day" in found.remarks
    assert str(found).startswith(f"no date ({output})")
    assert f"no date ({output}) 0.400" in translation(outputs=[("", 0.5), (output, 0.4)]).rivals


def test_remarks_tell_of_strange_and_long_texts_on_one_line():
    remarks = " | ".join(translation(text="x" * 21, unknown="é\0\u202e\ud800\n'").remarks)
    for word in ("'é'", "U+0000", "U+202E", "U+D800", "U+000A", "21 characters, more than the 20"):
        assert word in remarks
    assert remarks.encode("utf-8") and remarks.isprintable()


def test_a_translation_as_json():
    found = json.loads(json.dumps(translation(unknown="é").to_json()))
    assert (found["text"], found["date"], found["probability"]) == ("May", "2016-05-01", 0.9)
    assert found["outputs"][1] == {"output": "", "probability": 0.08}
    assert len(found["remarks"]) == 1
    assert translation(outputs=[("2016-02-30", 0.5)]).to_json()["date"] is None
    assert translation(outputs=[("", 0.5)]).to_json()["date"] is None
