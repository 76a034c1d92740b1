"""A translator is kept and opened, and answers whatever it is asked."""

import dataclasses
import json
import shutil
from functools import partial

import numpy as np
import pytest

from probe.attention.dates import DateTexts
from probe.attention.translator.run import TranslatorRun
from probe.attention.translator.translator import MANIFEST, WEIGHTS, Translator
from probe.attention.truth.date_map import date_maps
from probe.errors import UserError
from tests.attention.translator import tiny
from tests.attention.translator.conftest import DATES, NETWORK

AWKWARD = ("", " ", "      ", "hello", "\U0001f389\U0001f389", "a\0b", "\udfff\ud800", "\u202e6102 yaM 5\u202c",
           "\n\r\t\x1b[31m", "5 May\n2016", "x" * 256, "\u0665 \u0645\u0627\u064a\u0648 \u0662\u0660\u0661\u0666",
           "5/5/5/5/5/5/5", "5\u00a0May\u202f2016", "\u202e\u202d\u200f", "e\u0301" * 60)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A translator and the folder in which it was saved."""
    translator, folder = tiny.translator(), tmp_path_factory.mktemp("saved") / "translator"
    translator.save(folder, {"exact": 0.5})
    return translator, folder


@pytest.mark.parametrize("text", AWKWARD)
def test_whatever_is_asked_is_answered_with_its_doubt(text, saved):
    for beams in (1, 5):
        (found,) = saved[0].translate([text], beams)
        assert found.text == text
        assert 1 <= len(found.outputs) <= beams
        assert all(0 < probability <= 1 and set(output) <= set("0123456789-") and len(output) <= 10
                   for output, probability in found.outputs)
        assert str(found).isprintable() and str(found).encode("utf-8")
        assert json.loads(json.dumps(found.to_json()))["text"] == text
        strange = [character for character in text if character not in tiny.SYMBOLS.characters + "\u00a0\u202f"]
        assert found.unknown == "".join(dict.fromkeys(strange))
        assert any("never seen" in remark for remark in found.remarks) == bool(strange)
        assert any("characters, more than" in remark for remark in found.remarks) == (len(text) > 17)


def test_a_text_that_is_too_long_is_refused_on_one_line(saved):
    with pytest.raises(UserError, match=r"at most 256 characters; received 257") as raised:
        saved[0].translate(["May", "\n" * 257])
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("texts", ["5 May 2016", [5], ["May", None]])
def test_what_is_no_list_of_texts_is_refused(texts, saved):
    for ask in (saved[0].translate, partial(date_maps, saved[0])):
        with pytest.raises(UserError, match=r"give \['5 May 2016'\]|is a string; received (5|None)$"):
            ask(texts)


def test_a_saved_translator_answers_as_before(saved):
    translator, folder = saved
    opened = Translator.open(folder)
    assert {path.name for path in folder.iterdir()} == {MANIFEST, WEIGHTS}
    assert (opened.symbols, opened.dates, opened.options) == (translator.symbols, translator.dates, translator.options)
    assert opened.origin == {"longest": 17, "step": 0, "exact": 0.5}
    for one, other in zip(translator.translate(AWKWARD), opened.translate(AWKWARD), strict=True):
        assert one == other


def test_a_run_and_what_is_saved_of_it_answer_alike(drifted, tmp_path):
    for checkpoint in ("best", "latest", 16):
        run = Translator.open(drifted.folder, checkpoint)
        run.save(tmp_path / "kept")
        kept = Translator.open(tmp_path / "kept")
        if checkpoint == "best":
            assert kept.translate(["5 May 2016"]) == run.translate(["5 May 2016"])
        assert kept.origin == run.origin
        assert run.origin["step"] == drifted.checkpoint(checkpoint).step
        assert run.origin["longest"] == drifted.longest == len("30 September 2010")
        assert (kept.dates, kept.options) == (DATES, NETWORK)
        held = drifted.checkpoint(checkpoint).weights
        for name, array in tiny.weights_of(kept.model).items():
            np.testing.assert_array_equal(array, held[name], err_msg=name)


@pytest.mark.parametrize("name", ["thesis.tex", WEIGHTS, MANIFEST])
def test_what_is_no_translator_is_not_replaced(name, saved, tmp_path):
    (tmp_path / name).write_text("precious")
    with pytest.raises(UserError) as raised:
        saved[0].save(tmp_path)
    assert "\n" not in str(raised.value)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "precious")]


def test_a_file_is_not_replaced_either(saved, tmp_path):
    (tmp_path / "file").write_text("precious")
    with pytest.raises(UserError):
        saved[0].save(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "precious"


def test_a_translator_is_replaced_whole(saved, tmp_path):
    for seed in (1, 2):
        tiny.translator(seed).save(tmp_path / "kept")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    np.testing.assert_array_equal(Translator.open(tmp_path / "kept").model.get_layer("key").get_weights()[0],
                                  tiny.network(2).get_layer("key").get_weights()[0])


def test_what_a_killed_writer_moved_away_is_put_back(saved, tmp_path):
    from probe.files.aside import FORMER, folder_aside

    folder = tmp_path / "kept"
    _, aside = folder_aside(folder)
    aside.rmdir()
    shutil.copytree(saved[1], aside.with_suffix(FORMER))
    assert Translator.open(folder).symbols == tiny.SYMBOLS


@pytest.mark.parametrize("checkpoint", [7, "newest"])
def test_a_checkpoint_that_is_not_there(checkpoint, drifted):
    with pytest.raises(UserError, match="there are best, latest and steps"):
        Translator.open(drifted.folder, checkpoint)


@pytest.mark.parametrize("place", ["missing", "empty", "file", "book"])
def test_places_without_a_translator(place, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "run.json").write_text("{}")
    with pytest.raises(UserError, match=place) as raised:
        Translator.open(tmp_path / place)
    assert "\n" not in str(raised.value)


def test_a_run_before_its_first_checkpoint_has_no_translator(drifted, tmp_path):
    run = TranslatorRun.begin(tmp_path, DATES, NETWORK, {}, DateTexts(DATES))
    with pytest.raises(UserError, match="has no checkpoint yet"):
        Translator.of_run(run)
    assert dataclasses.replace(run) == TranslatorRun.open(tmp_path)
