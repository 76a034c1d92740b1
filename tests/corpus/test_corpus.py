import gc
import hashlib
import json
import pickle
import signal
import subprocess
import sys

import pytest

from probe.corpus import Corpus, CorpusOptions, FileSpan, Segment, Vocabulary
from probe.errors import UserError
from probe.files import remove_leftovers

TEXT = "One line of it.\n\nAnother “paragraph” follows.\n" * 40


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8", newline="")
    return path


def test_a_corpus_tells_what_it_was_read_from(path):
    corpus = Corpus.read(path)
    raw = TEXT.encode()
    assert corpus.source == {"kind": "file", "name": "text.txt", "bytes": len(raw),
                             "sha256": hashlib.sha256(raw).hexdigest(), "characters": len(TEXT), "encoding": "utf-8"}
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


@pytest.mark.parametrize("name", ["codes.npy", "ids.npy"])
def test_a_single_wrong_bit_of_a_text_is_noticed(path, tmp_path, name):
    Corpus.read(path, folder=tmp_path / "corpus")
    content = bytearray((tmp_path / "corpus" / name).read_bytes())
    content[-7] ^= 1
    (tmp_path / "corpus" / name).write_bytes(content)
    with pytest.raises(UserError, match=f"{name}: damaged: its checksum"):
        Corpus.open(tmp_path / "corpus")


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


REFUSALS = [
    ("two characters", "ab", {}, "too short to be split"),
    ("empty", "", {}, "empty"),
    ("binary", "\0" * 100, {}, "text"),
    ("no characters left", "abc", {"options": CorpusOptions(min_count=5)}, "--min-count 5 leaves no character"),
    ("foreign characters", "abcd", {"vocabulary": Vocabulary(("a",))}, "not in the vocabulary"),
    ("foreign stand-in", "abcd", {"vocabulary": Vocabulary(("a",)), "stand_in": "x"}, "the stand-in must be"),
    ("language", "abcd", {"language": "latin"}, "language must be"),
]


@pytest.mark.parametrize(("text", "arguments", "match"), [refusal[1:] for refusal in REFUSALS],
                         ids=[refusal[0] for refusal in REFUSALS])
def test_a_refused_text_leaves_the_folder_as_it_was(path, tmp_path, text, arguments, match):
    former, refused = tmp_path / "former", tmp_path / "refused.txt"
    refused.write_text(text)
    Corpus.read(path, folder=former)
    before = {entry.name: entry.read_bytes() for entry in former.iterdir()}
    for folder in (tmp_path / "new" / "corpus", former):
        with pytest.raises(UserError, match=match):
            Corpus.read(refused, folder=folder, **arguments)
    assert not (tmp_path / "new").exists()
    assert {entry.name: entry.read_bytes() for entry in former.iterdir()} == before
    assert Corpus.open(former).document().text == TEXT


@pytest.mark.parametrize("step", ["write_arrays", "split", "write_manifest"])
@pytest.mark.parametrize("failure", [KeyboardInterrupt, UserError, OSError])
def test_a_reading_that_is_stopped_leaves_the_folder_as_it_was(path, tmp_path, monkeypatch, step, failure):
    Corpus.read(path, folder=tmp_path / "former")

    def stopped(*arguments, **named):
        raise failure("stopped")

    monkeypatch.setattr(f"probe.corpus.corpus.{step}", stopped)
    other = tmp_path / "other.txt"
    other.write_text("another text\n" * 9)
    for folder in (tmp_path / "new", tmp_path / "former"):
        with pytest.raises(UserError if failure is OSError else failure, match="stopped"):
            Corpus.read(other, folder=folder)
    assert not (tmp_path / "new").exists()
    assert sorted(entry.name for entry in (tmp_path / "former").iterdir()) == ["codes.npy", "corpus.json", "ids.npy"]
    assert Corpus.open(tmp_path / "former").document().text == TEXT


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("renamed", ["codes.npy", "ids.npy"])
def test_killed_while_its_arrays_are_replaced_a_corpus_is_none(path, tmp_path, renamed):
    code = f"""
import os, signal, sys
from probe.corpus import Corpus
replace = os.replace
def killing(source, target):
    replace(source, target)
    if os.path.dirname(target) == sys.argv[2] and os.path.basename(target) == {renamed!r}:
        os.kill(os.getpid(), signal.SIGKILL)
os.replace = killing
Corpus.read(sys.argv[1], folder=sys.argv[2])
"""
    folder, other = tmp_path / "corpus", tmp_path / "other.txt"
    Corpus.read(path, folder=folder)
    other.write_text("another text\n" * 9)
    finished = subprocess.run([sys.executable, "-c", code, str(other), str(folder)], check=False)
    assert finished.returncode == -signal.SIGKILL
    with pytest.raises(UserError, match=r"corpus\.json: no such file"):
        Corpus.open(folder)
    remove_leftovers(folder)
    Corpus.read(path, folder=folder)
    assert sorted(entry.name for entry in folder.iterdir()) == ["codes.npy", "corpus.json", "ids.npy"]


def test_progress_is_silent_where_there_is_no_terminal(path, capfd):
    Corpus.read(path, progress=True)
    assert capfd.readouterr() == ("", "")
