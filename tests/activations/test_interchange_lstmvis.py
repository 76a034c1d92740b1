"""Folders of LSTMVis: what its server reads of ours, and what we read of others'."""

import h5py
import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from probe.activations import Annotations, Recorded, export_lstmvis, recorded_in_lstmvis
from probe.corpus import Corpus
from probe.errors import UserError
from tests.activations.test_interchange_arrays import Streams, planted
from tests.activations.test_interchange_recorded import TEXT, N, collected, columns, numbers

CONFIG = """\
name: children books  # project name
files: # assign files to reference name
  states: cbt_epoch10.h5
  train: ids.hdf5
  words: words.dict

word_sequence:
  file: train
  path: /word_ids
  dict_file: words

states:
  file: states
  types: [
    {type: state, layer: 1, path: lstm/states1},
    {type: output, layer: 1, path: output1, transform: none},
    {file: states, type: forget_gate, layer: deep, path: gates, unsigned: true}
  ]
meta:
  part_of_speech: {file: pos, path: pos, dict: pos_dict, vis: {type: discrete, range: dict}}
"""


def served(folder):
    """What LSTMVis' server knows of a folder: tokens of the text, and each array with its type, by the server's rules.

    It takes files by their endings, and parts each line of a dictionary by white space in a token and its id.
    """
    config = yaml.safe_load((folder / "lstm.yml").read_text("utf-8"))
    assert all(name.endswith((".h5", ".hdf5", ".dict", ".txt")) for name in config["files"].values())
    dictionary = {}
    with open(folder / config["files"][config["word_sequence"]["dict_file"]], encoding="utf-8") as file:
        for line in file:
            token, number = line.split()
            dictionary[int(number)] = token
    with h5py.File(folder / config["files"][config["word_sequence"]["file"]]) as file:
        ids = file[config["word_sequence"]["path"]][:]
    with h5py.File(folder / config["files"][config["states"]["file"]]) as file:
        arrays = [(entry, file[entry["path"]][:]) for entry in config["states"]["types"]]
    return [dictionary[number] for number in ids.tolist()], arrays, config


def project(folder, words, arrays, dictionary, config=CONFIG):
    """Write a folder as a stranger would."""
    folder.mkdir(exist_ok=True)
    (folder / "lstm.yml").write_text(config, encoding="utf-8")
    (folder / "words.dict").write_text(dictionary, encoding="utf-8")
    with h5py.File(folder / "ids.hdf5", "w") as file:
        file["word_ids"] = words
    with h5py.File(folder / "cbt_epoch10.h5", "w") as file:
        for path, array in arrays.items():
            file[path] = array
    return folder / "lstm.yml"


def others(rows):
    return {"lstm/states1": numbers(rows, 3, 1), "output1": numbers(rows, 3, 2), "gates": numbers(rows, 2, 3)}


def test_its_server_reads_what_is_exported(tmp_path):
    made = planted() | {"2/forget_gate": np.abs(numbers()).astype(np.float32) % 1, "2/candidate": planted()["1/cell"],
                        "dense": planted()["1/cell"]}
    named = {name if "/" in name else f"{name}/output": array for name, array in made.items()}
    blocks = Streams(named, Corpus.of(TEXT, "fox.txt"))
    assert export_lstmvis(blocks, tmp_path / "fox", show=False) == tmp_path / "fox"
    assert sorted(path.name for path in (tmp_path / "fox").iterdir()) == ["lstm.yml", "states.hdf5", "train.dict",
                                                                         "train.hdf5"]
    tokens, arrays, config = served(tmp_path / "fox")
    assert tokens == [{" ": "␣", "\n": "⏎"}.get(character, character) for character in TEXT]
    assert config["name"] == "fox.txt"
    assert [(entry["type"], entry["layer"], entry["unsigned"], entry["transform"]) for entry, _ in arrays] == [
        ("output", 1, False, "none"), ("state", 1, False, "tanh"), ("output", 2, False, "none"),
        ("state", 2, True, "none"), ("state", 2, False, "none"), ("output", 3, False, "tanh")]
    for (_, array), (name, expected) in zip(arrays, named.items(), strict=True):
        assert array.dtype == np.float32, name
        np.testing.assert_array_equal(array, expected)
    with h5py.File(tmp_path / "fox" / "states.hdf5") as file:
        assert all(dataset.chunks is None and dataset.compression is None for dataset in file.values())


def test_every_white_space_has_a_token_of_its_own(tmp_path):
    space = [chr(code) for code in range(0x110000) if chr(code).isspace()]
    spaces = "".join(character for character in space if ord(character) not in range(0x1C, 0x20))
    text = "␣⇥ab<space>\"\\'#:{}[]&*!|>%@`" * 40 + spaces + "é😀\u0301\ufeff"
    recorded = Recorded.of(numbers(len(text), 2), text)
    export_lstmvis(recorded, tmp_path / "out", show=False)
    tokens, _, _ = served(tmp_path / "out")
    assert len(set(tokens)) == len(set(text))
    meant = dict(zip(tokens, text, strict=True))
    assert "".join(meant[token] for token in tokens) == text
    assert meant["<space>"] == " " and meant["<tab>"] == "\t" and meant["⏎"] == "\n" and meant["<U+00A0>"] == "\xa0"


@settings(max_examples=25)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\t\r \x85"),
               min_size=3, max_size=60), st.data())
def test_the_way_there_and_back_is_exact(tmp_path_factory, text, data):
    folder = tmp_path_factory.mktemp("lstmvis") / "project"
    values = arrays(np.float32, (len(text), 3), elements=st.floats(width=32, allow_nan=False, allow_infinity=False))
    made = {"bi/forward/hidden": data.draw(values), "bi/forward/cell": data.draw(values)}
    units = {"bi/forward/cell": data.draw(st.permutations([3, 9, 40]))}
    name = data.draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
    recorded = Recorded.of(made, Corpus.of(text, name), units=units, provenance={"of": [name, 1e-5]})
    export_lstmvis(recorded, folder, show=False)
    with recorded_in_lstmvis(folder / "lstm.yml") as again:
        assert again.corpus.document().text == text
        assert again.corpus.source["name"] == name
        assert {source: tuple(held) for source, held in again.units.items()} == {
            ("bi/forward", "hidden"): (0, 1, 2), ("bi/forward", "cell"): tuple(units["bi/forward/cell"])}
        assert again.provenance["origin"] == recorded.provenance
        for source, array in collected(again).items():
            np.testing.assert_array_equal(array, made["/".join(source)])


def test_another_tool_s_words_become_a_text_and_rows_lie_on_words(tmp_path):
    words = ["the", "cat", "<eos>", "the", "dog"] * 30
    numbered = {"<eos>": 1, "the": 2, "cat": 3, "dog": 7, "never": 4}
    made = others(len(words))
    config = project(tmp_path / "words", [numbered[word] for word in words], made,
                     "".join(f"{word} {number}\n" for word, number in numbered.items()))
    with recorded_in_lstmvis(config) as recorded:
        text = " ".join(words)
        assert recorded.corpus.document().text == text
        owner = [number for number, word in enumerate(words) for _ in word + " "][:-1]
        found = collected(recorded)
        assert list(found) == [("1", "cell"), ("1", "hidden"), ("deep", "forget_gate")]
        for array, expected in zip(found.values(), made.values(), strict=True):
            np.testing.assert_array_equal(array, expected.astype(np.float32)[owner])
        assert recorded.provenance["recorded"]["row_of"] == "token"
        assert recorded.provenance["tokens"] == 150
        assert recorded.provenance["file"] == "words/lstm.yml"


@pytest.mark.parametrize(("dictionary", "space"), [("<space> 1\na 2\nb 3\n__ 4\n", 1), ("  1\r\na 2\r\nb 3\r\n\r\n", 1),
                                                   ("a 2\n__ 1\n<newline> 3\n", 1)])
def test_another_tool_s_characters_are_joined_by_nothing(tmp_path, dictionary, space):
    ids = [2, space, 2, 3, space] * 20
    third = "b" if "b 3" in dictionary else "\n"
    with recorded_in_lstmvis(project(tmp_path / "chars", ids, others(100), dictionary)) as recorded:
        assert recorded.corpus.document().text == f"a a{third} " * 20
        assert len(recorded.segment) == 100
        np.testing.assert_array_equal(collected(recorded)["1", "cell"], others(100)["lstm/states1"].astype(np.float32))


def test_long_texts_are_joined_over_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("probe.activations.interchange.lstmvis.importing.BLOCK", 7)
    config = project(tmp_path / "words", [1, 2, 2] * 50, others(150), "one 1\ntwo 2\n")
    with recorded_in_lstmvis(config) as recorded:
        assert recorded.corpus.document().text == " ".join(["one", "two", "two"] * 50)
        assert len(recorded.segment) == 50 * 12 - 1
    monkeypatch.setattr("probe.activations.interchange.pouring.BLOCK", 11)
    monkeypatch.setattr("probe.activations.interchange.lstmvis.exporting.BLOCK", 11)
    export_lstmvis(Recorded.of(numbers(), TEXT).part(5, 905), tmp_path / "part", show=False)
    with recorded_in_lstmvis(tmp_path / "part" / "lstm.yml") as again:
        assert again.corpus.document().text == TEXT[5:905]
        np.testing.assert_array_equal(collected(again)["1", "hidden"], numbers()[5:905].astype(np.float32))


def test_patterns_come_along_as_tracks(tmp_path, monkeypatch):
    monkeypatch.setattr("probe.activations.interchange.lstmvis.annotations.BLOCK", 100)
    truth = np.stack([columns(TEXT), np.array([character.isspace() for character in TEXT])], axis=1).astype(np.float32)
    tracks = Annotations(("column", "a space: \"␣\""), lambda start, stop: truth[start:stop])
    recorded = Recorded.of(numbers(), TEXT).part(300, 955)
    export_lstmvis(recorded, tmp_path / "out", annotations=tracks, show=False)
    _, _, config = served(tmp_path / "out")
    assert list(config["meta"]) == list(tracks.names)
    with h5py.File(tmp_path / "out" / config["files"]["meta"]) as file:
        for (name, track), expected in zip(config["meta"].items(), truth[300:955].T, strict=True):
            assert config["files"][track["file"]] == "meta.hdf5"
            np.testing.assert_array_equal(file[track["path"]][:], expected)
            assert track["vis"] == {"type": "scalar", "range": [0, 36 if name == "column" else 1]}
    export_lstmvis(recorded, tmp_path / "out", show=False)
    assert not (tmp_path / "out" / "meta.hdf5").exists()


def test_an_export_replaces_its_own_folder_and_no_other(tmp_path):
    recorded = Recorded.of({"1/cell": numbers()}, TEXT)
    for _ in range(2):
        export_lstmvis(recorded, tmp_path / "out", show=False)
    (tmp_path / "out" / "indexdir").mkdir()
    with pytest.raises(UserError, match=r"out: holds other files \(indexdir\)"):
        export_lstmvis(recorded, tmp_path / "out", show=False)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(UserError, match="file: is a file"):
        export_lstmvis(recorded, tmp_path / "file", show=False)


def test_states_of_another_length_are_refused(tmp_path):
    made = others(N) | {"gates": numbers(N - 1, 2)}
    config = project(tmp_path / "chars", [1, 2] * (N // 2), made, "a 1\nb 2\n")
    words = r"cbt_epoch10\.h5: gates: has the shape \(3839, 2\), and .*ids\.hdf5 3,840 tokens"
    with pytest.raises(UserError, match=words), recorded_in_lstmvis(config):
        pass
