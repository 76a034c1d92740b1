"""Tokenizers: ids, and spans in the original text."""

import json
import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UserError
from probe.explain.tokenizers import (
    CharacterTokenizer,
    Encoded,
    FunctionTokenizer,
    WordTokenizer,
    of_vectorization,
    tokenizer_from_json,
)

AWKWARD = "İSTANBUL’s cafe\u0301 हिन्दी 👩‍🚀 don't “x” ΟΔΟΣ ß 3,5\r\n\tend"
TEXT = st.text(st.sampled_from("aBİßé\u0301 ,'’हिΣ👩\u200d\n7_-") | st.characters(exclude_categories=["Cs"]),
               min_size=1)


def slices(text, encoded):
    return [text[begin:end] if begin >= 0 else None for begin, end in encoded.offsets]


def test_words_with_their_ids_in_the_order_of_frequency():
    tokenizer = WordTokenizer.from_texts(["b a b c", "b a d"], most=3)
    assert tokenizer.ids == {"b": 2, "a": 3, "c": 4}
    assert WordTokenizer.from_texts(["z y x z"]).ids == {"z": 2, "x": 3, "y": 4}
    encoded = tokenizer.encode("A b, zz C")
    assert encoded.tokens == ("a", "b", "<UNK>", "c")
    assert encoded.ids.tolist() == [3, 2, 1, 4]
    assert encoded.offsets.tolist() == [[0, 1], [2, 3], [5, 7], [8, 9]]
    assert [tokenizer.token_of(number) for number in (0, 1, 2, 77)] == ["<PAD>", "<UNK>", "b", "<77>"]
    assert tokenizer.size == 5


def test_spans_are_in_the_original_text_where_lower_casing_changes_lengths():
    tokenizer = WordTokenizer.from_texts([AWKWARD])
    encoded = tokenizer.encode(AWKWARD)
    assert slices(AWKWARD, encoded) == ["İSTANBUL’s", "cafe\u0301", "हिन्दी", "don't", "x", "ΟΔΟΣ", "ß", "3", "5", "end"]
    assert encoded.tokens[0] == "i\u0307stanbul’s" and encoded.tokens[5] == "οδος"
    signs = WordTokenizer.from_texts([AWKWARD], pattern="words and signs").encode(AWKWARD)
    assert slices(AWKWARD, signs)[3:7] == ["👩", "\u200d", "🚀", "don't"]
    characters = CharacterTokenizer.from_texts([AWKWARD], casing="lower").encode(AWKWARD)
    assert slices(AWKWARD, characters) == list(AWKWARD)
    assert characters.tokens[0] == "i\u0307"


@pytest.mark.parametrize("kind", [WordTokenizer, CharacterTokenizer])
@pytest.mark.parametrize("settings", [{}, {"casing": "lower", "start": True}, {"casing": "ascii"}])
@given(text=TEXT)
def test_spans_slice_the_text_to_the_tokens(kind, settings, text):
    if kind is WordTokenizer and not re.search(r"\w", text):
        with pytest.raises(UserError, match="no token"):
            kind.from_texts([text], most=5, **settings)
        return
    tokenizer = kind.from_texts([text], most=5, **settings)
    encoded = tokenizer.encode(text)
    assert len(encoded.tokens) == len(encoded.ids) == len(encoded.offsets)
    ends = [0]
    for token, number, (begin, end) in zip(encoded.tokens, encoded.ids.tolist(), encoded.offsets.tolist(), strict=True):
        assert tokenizer.token_of(number) == token
        if token == "<START>" and begin == -1:
            continue
        assert begin >= ends[-1]
        ends.append(end)
        if number != 1:
            assert text[begin:end].lower() == token.lower()
    again = tokenizer_from_json(json.loads(json.dumps(tokenizer.to_json())))
    assert again == tokenizer
    np.testing.assert_array_equal(again.encode(text).ids, encoded.ids)
    left = list(text)
    for begin, end in encoded.offsets.tolist():
        left[max(begin, 0):max(end, 0)] = [" "] * (end - begin)
    assert not any(unicodedata.category(character)[0] in "LN" for character in left)


def test_an_index_that_exists_with_shift_signs_and_without_unknown_words():
    imdb = WordTokenizer.from_index({"the": 1, "and": 2}, shift=3, start=1, unknown=2)
    assert imdb.encode("And the end").ids.tolist() == [1, 5, 4, 2]
    assert imdb.encode("And the end").tokens == ("<START>", "and", "the", "<UNK>")
    assert imdb.encode("And").offsets.tolist() == [[-1, -1], [0, 3]]
    assert WordTokenizer.from_index({"the": 1, "and": 2}).encode("And the end").ids.tolist() == [2, 1]


@pytest.mark.parametrize(("make", "complaint"), [
    (lambda: WordTokenizer.from_texts(["a"]).encode(""), "the text '' holds no token of the words"),
    (lambda: CharacterTokenizer.from_texts(["a"], start=True).encode(""), "holds no token"),
    (lambda: WordTokenizer.from_texts(["?", ""]), "the texts hold no token"),
    (lambda: WordTokenizer.from_index({"a": -1}), "an id from 0 to"),
    (lambda: WordTokenizer.from_index({"a": "b"}, shift=1), "must give each token a whole number"),
    (lambda: WordTokenizer.from_index({}), "at least one token"),
    (lambda: WordTokenizer({"a": 1}, casing="upper"), "casing must be one of kept, lower, ascii"),
    (lambda: WordTokenizer({"a": 1}, pattern="(a"), "is no regular expression"),
    (lambda: WordTokenizer({"a\ud800": 1}), "must give each token"),
    (lambda: WordTokenizer.from_texts(["a"], most=0), "most must be at least 1"),
    (lambda: tokenizer_from_json({"kind": "os.system"}), "its kind must be one of characters, words"),
    (lambda: tokenizer_from_json([]), "its kind must be one of"),
    (lambda: tokenizer_from_json({"kind": ["words"]}), "its kind must be one of"),
    (lambda: tokenizer_from_json({"kind": "words", "ids": {"a": 1}, "surprise": 1}), "not a tokenizer of words"),
    (lambda: tokenizer_from_json({"kind": "words", "ids": {"a": True}}), "an id from 0"),
    (lambda: FunctionTokenizer(lambda text: [1.5]).encode("a"), "must return ids"),
    (lambda: FunctionTokenizer(lambda text: None).encode("a"), "must return ids"),
    (lambda: FunctionTokenizer(lambda text: []).encode("a"), "holds no token"),
    (lambda: FunctionTokenizer(lambda text: (["a"], [1, 2])).encode("a"), "need as many ids"),
    (lambda: FunctionTokenizer(lambda text: ([1], [[0, 9]])).encode("a"), "must lie in the text of 1"),
    (lambda: FunctionTokenizer(lambda text: ([1], [[-3, 1]])).encode("a"), "a span must have"),
    (lambda: FunctionTokenizer(lambda text: [1]).to_json(), "is a function cannot be saved"),
])
def test_mistakes_are_one_line(make, complaint):
    with pytest.raises(UserError, match=re.escape(complaint)) as raised:
        make()
    assert "\n" not in str(raised.value)


def test_a_function_may_return_ids_tokens_or_spans():
    text = "Colour İs playing"
    by_ids = FunctionTokenizer(lambda text: [3, 4], {3: "playing"}).encode(text)
    assert by_ids.tokens == ("playing", "<4>") and slices(text, by_ids) == ["playing", None]
    pieces = FunctionTokenizer(lambda text: (["[CLS]", "colour", "is", "play", "##ing"], [9, 1, 2, 3, 4])).encode(text)
    assert slices(text, pieces) == [None, "Colour", None, "play", "ing"]
    spans = FunctionTokenizer(lambda text: (np.array([9, 1, 2]), [(0, 0), (0, 6), (7, 9)])).encode(text)
    assert slices(text, spans) == [None, "Colour", "İs"] and spans.tokens == ("<9>", "<1>", "<2>")
    whole = FunctionTokenizer(lambda text: Encoded.of(["a"], [1], [(0, 1)])).encode(text)
    assert whole.tokens == ("a",)
    pair = FunctionTokenizer(lambda text: (5, 7)).encode(text)
    assert pair.ids.tolist() == [5, 7]


def test_equal_tokens_are_found_one_behind_the_other_and_far_ones_not_at_all():
    text = "is it what it is" + " " * 300 + "far"
    encoded = FunctionTokenizer(lambda text: (["is", "it", "it", "is", "far"], [1, 2, 2, 1, 3])).encode(text)
    assert encoded.offsets.tolist() == [[0, 2], [3, 5], [11, 13], [14, 16], [-1, -1]]
    longer = FunctionTokenizer(lambda text: (["ab", "ab"], [1, 1])).encode("İİ AB AB")
    assert longer.offsets.tolist() == [[3, 5], [6, 8]]
    shifted = FunctionTokenizer(lambda text: (["i̇stanbul", "x"], [1, 2])).encode("İİ İSTANBUL x")
    assert slices("İİ İSTANBUL x", shifted) == ["İSTANBUL", "x"]


@pytest.mark.parametrize("settings", [
    {}, {"standardize": None}, {"standardize": "lower"}, {"standardize": "strip_punctuation", "split": "character"},
    {"standardize": "lower", "split": "character"}])
def test_the_ids_of_keras_text_vectorization(settings):
    from probe.model.engine import keras

    layer = keras.layers.TextVectorization(max_tokens=40, **settings)
    texts = ["The film - was good, don't; a_b Émile É\u00a0x", "the bad film\tis 'it'", AWKWARD]
    layer.adapt(texts)
    tokenizer = of_vectorization(layer)
    for text in [*texts, "unseen words, the film"]:
        encoded = tokenizer.encode(text)
        expected = np.asarray(layer([text]))[0]
        assert encoded.ids.tolist() == expected.tolist()
        assert all(piece for piece in slices(text, encoded))
    with pytest.raises(UserError, match="standardisation of one's own"):
        of_vectorization(keras.layers.TextVectorization(standardize=lambda x: x))
