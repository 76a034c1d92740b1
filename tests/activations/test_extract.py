"""Extraction against the equations: every character once, exact with one stream, close with many."""

import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probe.activations import Extraction, ExtractOptions, reading, selection_and_confirmation, stretches
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.model import Run
from probe.model.char_lstm import CharLSTM
from tests.activations.collecting import collected
from tests.lstm_oracle import losses, read_text


def test_one_stream_equals_the_equations_for_any_block_size(run):
    segment = Segment(100, 800)
    hidden, logits = read_text(run.corpus.ids[100:801], run.checkpoint("best").weights, 2)
    expected_losses = losses(run.corpus.ids[100:801], logits)
    for block in (1, 37, 512, 10_000):
        options = ExtractOptions(streams=1, block=block)
        values, loss, seen = collected(Extraction.of(run, segment, options=options))
        assert list(values) == [("1", "hidden"), ("2", "hidden")]
        for layer in (1, 2):
            np.testing.assert_allclose(values[str(layer), "hidden"][100:800], hidden[layer - 1][:700], atol=2e-6)
        np.testing.assert_allclose(loss[100:800], expected_losses, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(seen[100:800], 1)
        assert seen.sum() == 700


@pytest.mark.parametrize("windowed", [0, 9])
def test_the_expected_character_is_the_most_probable_one(run, windowed):
    options = ExtractOptions(streams=1, block=37, windowed=windowed)
    ids, weights = run.corpus.ids, run.checkpoint("best").weights
    for block in Extraction.of(run, Segment(100, 150), options=options):
        for row, expected in enumerate(block.expected[0]):
            after = int(block.starts[0]) + row + 1
            logits = read_text(ids[after - windowed if windowed else 100:after], weights, 2)[1][-1]
            assert logits[expected] >= logits.max() - 1e-4
    options = ExtractOptions(streams=2, losses=False)
    assert all(block.expected is None for block in Extraction.of(run, Segment(0, 1000), options=options))


@pytest.mark.parametrize(("start", "stop", "streams", "overlap", "block"),
                         [(0, 3120, 7, 100, 64), (13, 1500, 3, 11, 1000), (5, 18, 8, 0, 3), (7, 8, 4, 500, 512),
                          (0, 1000, 64, 1, 33)])
def test_every_character_is_in_exactly_one_block(run, start, stop, streams, overlap, block):
    options = ExtractOptions(streams=streams, overlap=overlap, block=block)
    _, _, seen = collected(Extraction.of(run, Segment(start, stop), options=options))
    np.testing.assert_array_equal(np.flatnonzero(seen), np.arange(start, stop))
    assert seen.max() == 1


def test_the_loss_after_the_last_character_of_a_text_is_unknown(run):
    size = len(run.corpus)
    _, loss, _ = collected(Extraction.of(run, Segment(size - 50, size), options=ExtractOptions(streams=1)))
    assert np.isnan(loss[size - 1])
    assert np.isfinite(loss[size - 50:size - 1]).all()


def test_an_extraction_travels_to_another_process(run):
    extraction = Extraction.of(run, Segment(0, 300))
    copy = pickle.loads(pickle.dumps(extraction))
    ours, theirs = collected(extraction)[0], collected(copy)[0]
    for source in ours:
        np.testing.assert_array_equal(ours[source], theirs[source])


def test_a_training_that_goes_on_changes_nothing_of_an_extraction(run, tmp_path):
    copy = shutil.copytree(run.folder, tmp_path / "copy")
    extraction = Extraction.of(Run.open(copy), Segment(0, 300))
    before = collected(extraction)[0]
    shutil.rmtree(copy / "checkpoints")
    after = collected(extraction)[0]
    for source in before:
        np.testing.assert_array_equal(before[source], after[source])


def test_blocks_are_shorter_where_they_would_fill_memory(run, monkeypatch):
    for signals, kept in (("hidden", 2), ("all", 12)):
        monkeypatch.setattr(stretches, "LARGEST", 8 * (kept + stretches.NEEDED) * 10 * 3)
        options = ExtractOptions(streams=8, overlap=10, signals=signals)
        assert {block.length for block in Extraction.of(run, Segment(0, 1000), options=options)} <= {1, 2, 3}


def test_losses_are_computed_in_parts_where_a_vocabulary_is_large(run, monkeypatch):
    options = ExtractOptions(streams=3, overlap=10)
    whole = collected(Extraction.of(run, Segment(0, 1000), options=options))[1]
    monkeypatch.setattr(reading, "LOGITS", 7 * len(run.corpus.vocabulary))
    np.testing.assert_allclose(collected(Extraction.of(run, Segment(0, 1000), options=options))[1], whole, rtol=1e-5)


def test_a_foreign_text_is_read_with_the_run_s_vocabulary(run, tmp_path):
    text = tmp_path / "other.txt"
    text.write_text("the cat said yes, and ran. " * 20, encoding="utf-8")
    corpus = Corpus.read(text, vocabulary=run.corpus.vocabulary)
    values, _, _ = collected(Extraction.of(run, corpus=corpus, options=ExtractOptions(streams=1)))
    hidden, _ = read_text(corpus.ids, run.checkpoint("best").weights, 2)
    np.testing.assert_allclose(values["2", "hidden"], hidden[1], atol=2e-6)


def test_what_cannot_be_extracted_is_refused(run, tmp_path):
    with pytest.raises(UserError, match=r"within the .* characters"):
        Extraction.of(run, Segment(0, len(run.corpus) + 1))
    with pytest.raises(UserError, match="no checkpoint 7; there are best, latest and steps"):
        Extraction.of(run, checkpoint=7)
    with pytest.raises(UserError, match="--streams must be at least 1; received 0"):
        ExtractOptions(streams=0)
    text = tmp_path / "other.txt"
    text.write_text("quite other characters: äöü " * 20, encoding="utf-8")
    with pytest.raises(UserError, match="another vocabulary"):
        Extraction.of(run, corpus=Corpus.read(text))


def test_units_are_chosen_on_text_that_does_not_confirm_them(run, tmp_path):
    splits, size = run.corpus.splits, len(run.corpus)
    selection, confirmation = selection_and_confirmation(run)
    assert (selection.segment, confirmation.segment) == (Segment(0, splits.test.start), splits.test)
    near = ExtractOptions(characters=200)
    selection, confirmation = selection_and_confirmation(run, options=near)
    meet = splits.test.start
    assert (selection.segment, confirmation.segment) == (Segment(meet - 200, meet), Segment(meet, meet + 200))
    # Another copy of the text it was trained on is still that text: its middle has been trained on.
    again = Corpus.read(tmp_path_of(run), vocabulary=run.corpus.vocabulary)
    assert selection_and_confirmation(run, again)[1].segment == splits.test
    foreign = tmp_path / "foreign.txt"
    foreign.write_text("the cat said yes, and ran. " * 40, encoding="utf-8")
    selection, confirmation = selection_and_confirmation(
        run, Corpus.read(foreign, vocabulary=run.corpus.vocabulary))
    assert (selection.segment, confirmation.segment) == (Segment(0, 540), Segment(540, 1080))
    assert size > meet


def tmp_path_of(run) -> Path:
    return run.folder.parent / "text.txt"


def test_provenance_names_network_training_and_versions(run):
    provenance = Extraction.of(run).provenance
    assert provenance["checkpoint"] == run.checkpoint("best").step
    assert provenance["trained_on"]["sha256"] == run.corpus.source["sha256"]
    assert set(provenance["versions"]) >= {"tensorflow", "keras", "numpy", "probe", "python"}
    assert provenance["streams"] == 6


def test_a_long_overlap_is_read_in_blocks(run):
    """Memory is bounded by the block, and the result does not depend on it."""
    segment = Segment(1000, 3000)
    results = [collected(Extraction.of(run, segment, options=ExtractOptions(streams=2, overlap=900, block=block)))[0]
               for block in (64, 5000)]
    for source in results[0]:
        np.testing.assert_allclose(results[0][source], results[1][source], atol=2e-6)


def test_a_network_is_built_once_in_a_process_and_lends_itself_every_weight(run, monkeypatch):
    built = []
    monkeypatch.setattr(reading, "CharLSTM",
                        lambda *given, make=CharLSTM, **named: built.append(1) or make(*given, **named))
    reading._network.cache_clear()
    extraction = Extraction.of(run, Segment(0, 300))
    before, twin = collected(extraction)[0], extraction.untrained(1)
    list(twin)
    copy = pickle.loads(pickle.dumps(extraction))
    for again in (extraction, copy, replace(extraction, options=ExtractOptions(signals="all"))):
        np.testing.assert_array_equal(collected(again)[0]["2", "hidden"], before["2", "hidden"])
    assert len(built) == 1
