import ast
import hashlib
import platform

import pytest

from probe.corpus import Corpus, CorpusOptions, Vocabulary
from probe.corpus.embedded import StandardLibrary
from probe.errors import UserError


@pytest.fixture
def library(tmp_path):
    def make(files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path
    return make


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return Corpus.embedded(folder=tmp_path_factory.mktemp("embedded") / "corpus", characters=200_000)


def test_the_embedded_corpus_is_whole_python_files(corpus):
    assert 200_000 <= len(corpus) < 800_000
    assert corpus.language == "python"
    for file in corpus.files:
        ast.parse(corpus.document(file.start, file.stop).text)
        assert corpus.document(file.start, file.stop).files[0].name == file.name
    assert [file.start for file in corpus.files[1:]] == [file.stop for file in corpus.files[:-1]]
    assert corpus.files[-1].start < 200_000


def test_it_records_the_python_and_the_bytes_it_came_from(corpus):
    assert corpus.source["python"] == platform.python_version()
    assert corpus.source["implementation"] == platform.python_implementation()
    assert corpus.source["files"] == len(corpus.files)
    library = StandardLibrary.of_this_python(200_000)
    raw = b"".join((library.root / name).read_bytes() for name in library.files)
    assert corpus.source["sha256"] == hashlib.sha256(raw).hexdigest()
    assert corpus.source["bytes"] == len(raw) == library.size


def test_no_file_of_tests_or_of_this_machine_alone_is_in_it(corpus):
    for file in corpus.files:
        folders = set(file.name.split("/")[:-1])
        assert not folders & {"test", "tests", "idle_test", "site-packages", "dist-packages", "__pycache__"}
        assert not file.name.startswith(("_sysconfigdata", "sitecustomize", "config-"))


def test_splits_fall_on_files(library, monkeypatch):
    root = library({f"{number}.py": f"x = {number}\n\n" * 5 for number in range(95)})
    library_of = StandardLibrary.of_folder(root, 10_000)
    monkeypatch.setattr(StandardLibrary, "of_this_python", lambda characters: library_of)
    corpus = Corpus.embedded()
    starts = {file.start for file in corpus.files}
    assert corpus.splits.validation.start in starts
    assert corpus.splits.test.start in starts


def test_what_is_left_out(library):
    root = library({
        "good.py": "x = 1\n", "package/__init__.py": "", "package/module.py": "y = 2\n", "notes.txt": "no\n",
        "test/test_good.py": "x\n", "package/tests/a.py": "x\n", "idlelib/idle_test/a.py": "x\n",
        "lib2to3/tests/data/a.py": "x\n", "site-packages/third.py": "x\n", "__pycache__/a.py": "x\n",
        "_sysconfigdata__linux.py": "x = 1\n", "config-3.11-x86_64/python-config.py": "x\n", "sitecustomize.py": "x\n",
        "_virtualenv.py": "x\n", "untokenizable.py": "x = (\n", "wrong_coding.py": b"# coding: nonsense\nx = 1\n",
        "wrong_byte.py": b"x = '\xff'\n",
    })
    assert sorted(StandardLibrary.of_folder(root, 10_000).files) == ["good.py", "package/module.py"]


def test_the_order_depends_on_the_names_alone_and_mixes_packages(library):
    names = [f"{package}/{module}.py" for package in "abc" for module in "uvwxyz"]
    root = library({name: f"# {name}\n" for name in names})
    files = StandardLibrary.of_folder(root, 10_000).files
    assert list(files) == sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    assert len({name[0] for name in files[-4:]}) > 1


def test_whole_files_are_taken_until_the_text_is_long_enough(library):
    root = library({f"{name}.py": "x = 1\n" * 10 for name in "abcdef"})
    whole = StandardLibrary.of_folder(root, 10_000).files
    assert StandardLibrary.of_folder(root, 60).files == whole[:1]
    assert StandardLibrary.of_folder(root, 61).files == whole[:2]


def test_declared_codings_are_obeyed_and_newlines_made_one(library):
    root = library({"a.py": "# coding: latin-1\r\nx = 'é'\r\n".encode("latin-1"),
                    "b.py": b"\xef\xbb\xbfy = 1\ry = 2\n"})
    text = {}
    for piece in StandardLibrary.of_folder(root, 10_000).pieces():
        text[piece.name] = "".join(map(chr, piece.codes))
    assert text == {"a.py": "# coding: latin-1\nx = 'é'\n", "b.py": "y = 1\ny = 2\n"}


def test_spaces_at_the_start_of_a_file_are_no_run_with_those_at_the_end_of_another(library, monkeypatch):
    root = library({"a.py": "  \n# a \n# b ", "b.py": "  \nx  = 1\n# c "})
    library_of = StandardLibrary.of_folder(root, 10_000)
    monkeypatch.setattr(StandardLibrary, "of_this_python", lambda characters: library_of)
    corpus = Corpus.embedded(CorpusOptions(collapse_spaces=True))
    texts = {file.name: corpus.document(file.start, file.stop).text for file in corpus.files}
    assert texts == {"a.py": " \n# a \n# b ", "b.py": " \nx = 1\n# c "}


def test_the_embedded_corpus_is_encoded_with_a_vocabulary_that_is_given(library, monkeypatch):
    library_of = StandardLibrary.of_folder(library({"a.py": "x = 'é'\ny = 1\n"}), 10)
    monkeypatch.setattr(StandardLibrary, "of_this_python", lambda characters: library_of)
    vocabulary = Vocabulary(tuple(sorted("\n '=1xy?")))
    corpus = Corpus.embedded(vocabulary=vocabulary, stand_in="?")
    assert corpus.vocabulary == vocabulary
    assert vocabulary.decode(corpus.ids) == "x = '?'\ny = 1\n"
    assert corpus.source["kind"] == "embedded"
    with pytest.raises(UserError, match="is not in the vocabulary of 8 characters"):
        Corpus.embedded(vocabulary=vocabulary)


def test_a_file_that_changes_is_noticed(library, monkeypatch):
    root = library({"a.py": "x = 1\n" * 10})
    chosen = StandardLibrary.of_folder(root, 10)
    (root / "a.py").write_bytes(b"x = '\xff'\n")
    with pytest.raises(UserError, match="changed"):
        list(chosen.pieces())


def test_a_python_without_sources_is_told(tmp_path):
    with pytest.raises(UserError, match="comes without the sources"):
        StandardLibrary.of_folder(tmp_path, 1)


@pytest.mark.parametrize("characters", [0, -1])
def test_no_characters_are_refused(characters):
    with pytest.raises(UserError, match="characters must be at least 1"):
        Corpus.embedded(characters=characters)
