import gc
import hashlib
import json
import pickle

import pytest

from probe.corpus import Corpus, CorpusOptions, FileSpan, Segment
from probe.errors import UserError

TEXT = "One line of it.\n\nAnother “paragraph” follows.\n" * 40


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8", newline="")
    return path


def test_a_corpus_tells_what_it_was_read_from(path):
    corpus = Corpus.read(path)
    raw = TEXT.encode()
    assert corpus.source == {"name": "text.txt", "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest(),
                             "characters": len(TEXT), "encoding": "utf-8"}
    assert corpus.files == (FileSpan("text.txt", 0, len(TEXT)),)
    assert corpus.language == "prose"


def test_a_corpus_in_a_folder_opens_as_it_was(path, tmp_path):
    made = Corpus.read(path, CorpusOptions(min_count=50, splits="0.5,0.3,0.2"), folder=tmp_path / "corpus")
    opened = Corpus.open(tmp_path / "corpus")
    for name in ("options", "vocabulary", "files", "language", "splits", "source", "folder"):
        assert getattr(opened, name) == getattr(made, name)
    assert opened.vocabulary.unknown
    assert opened.ids.tolist() == made.ids.tolist()
    assert opened.document().text == TEXT


def test_a_temporary_corpus_goes_with_its_object_and_one_in_a_folder_stays(path, tmp_path):
    temporary, kept = Corpus.read(path), Corpus.read(path, folder=tmp_path / "corpus")
    folder = temporary.folder
    assert (folder / "ids.npy").exists()
    del temporary, kept
    gc.collect()
    assert not folder.exists()
    assert Corpus.open(tmp_path / "corpus").document().text == TEXT


def test_a_failed_reading_leaves_no_temporary_folder(path, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path.write_text("ab")
    with pytest.raises(UserError, match="too short"):
        Corpus.read(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["text.txt"]


def test_pickling_names_the_folder_and_carries_no_text(path, tmp_path):
    corpus = Corpus.read(path, folder=tmp_path / "corpus")
    pickled = pickle.dumps(corpus)
    assert len(pickled) < 500
    assert pickle.loads(pickled).document().text == TEXT


def test_splits_begin_at_paragraphs(path):
    corpus = Corpus.read(path)
    assert corpus.splits.train.start == 0
    assert corpus.splits.test.stop == len(corpus)
    for part in (corpus.splits.validation, corpus.splits.test):
        assert isinstance(part, Segment)
        assert TEXT[part.start - 2:part.start] == "\n\n"
        assert abs(len(part) - len(TEXT) / 10) <= 0.04 * len(TEXT)


@pytest.mark.parametrize(("name", "given", "language"), [("a.py", None, "python"), ("a.PY", None, "python"),
                                                         ("a.txt", "python", "python"), ("a.py", "prose", "prose")])
def test_the_language(path, tmp_path, name, given, language):
    moved = path.rename(tmp_path / name)
    corpus = Corpus.read(moved, language=given)
    assert corpus.language == corpus.document(0, 5).language == language


def test_an_unknown_language_is_refused(path):
    with pytest.raises(UserError, match="language must be one of prose, python; received 'latin'"):
        Corpus.read(path, language="latin")


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 4), (0, len(TEXT) + 1)])
def test_a_range_outside_is_refused(path, start, stop):
    with pytest.raises(UserError, match="must lie within 0 …"):
        Corpus.read(path).document(start, stop)


def test_a_damaged_corpus_is_refused(path, tmp_path):
    folder = tmp_path / "corpus"
    other = tmp_path / "other.txt"
    other.write_text("another text, of another length")
    for damaged, match in (("codes.npy", "damaged"), ("ids.npy", "damaged")):
        Corpus.read(path, folder=folder)
        (folder / damaged).write_bytes((Corpus.read(other, folder=tmp_path / "other").folder / damaged).read_bytes())
        with pytest.raises(UserError, match=match):
            Corpus.open(folder)
    Corpus.read(path, folder=folder)
    (folder / "ids.npy").write_bytes((folder / "ids.npy").read_bytes()[:-9])
    with pytest.raises(UserError, match="not a readable array"):
        Corpus.open(folder)
    Corpus.read(path, folder=folder)
    manifest = json.loads((folder / "corpus.json").read_text())
    manifest["content"]["splits"]["train"] = [0, 1]
    (folder / "corpus.json").write_text(json.dumps(manifest))
    with pytest.raises(UserError, match="checksum"):
        Corpus.open(folder)


def test_a_folder_without_a_corpus_is_refused(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        Corpus.open(tmp_path)


def test_a_new_reading_replaces_a_corpus_but_nothing_else_in_its_folder(path, tmp_path):
    folder = tmp_path / "corpus"
    Corpus.read(path, folder=folder)
    (folder / "notes.md").write_text("mine")
    path.write_text("a shorter text\n" * 9)
    assert Corpus.read(path, folder=folder).document().text == "a shorter text\n" * 9
    assert (folder / "notes.md").read_text() == "mine"


def test_while_its_arrays_are_replaced_a_corpus_is_none(path, tmp_path, monkeypatch):
    Corpus.read(path, folder=tmp_path / "corpus")

    def killed(*arguments, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr("probe.corpus.corpus.write_arrays", killed)
    with pytest.raises(KeyboardInterrupt):
        Corpus.read(path, folder=tmp_path / "corpus")
    with pytest.raises(UserError, match=r"corpus\.json: no such file"):
        Corpus.open(tmp_path / "corpus")


def test_progress_is_silent_where_there_is_no_terminal(path, capfd):
    Corpus.read(path, progress=True)
    assert capfd.readouterr() == ("", "")
