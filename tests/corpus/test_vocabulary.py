import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.corpus import Vocabulary
from probe.errors import UserError

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def vocabulary_of(text, min_count=0):
    return Vocabulary.from_counts(np.bincount([ord(character) for character in text]), min_count)


@given(texts)
def test_encoding_a_text_with_its_own_vocabulary_and_decoding_gives_the_text(text):
    vocabulary = vocabulary_of(text)
    ids = vocabulary.encode(text)
    assert vocabulary.decode(ids) == text
    assert [vocabulary.characters[i] for i in ids] == list(text)


@given(texts)
def test_characters_are_the_distinct_ones_in_the_order_of_code_points(text):
    assert vocabulary_of(text).characters == tuple(sorted(set(text)))


@given(texts, st.booleans())
def test_json_round_trip(text, unknown):
    vocabulary = Vocabulary(tuple(sorted(set(text))), unknown)
    assert Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json()))) == vocabulary


@given(texts, texts)
def test_unknown_takes_the_last_id_and_decodes_as_the_replacement_character(known, text):
    vocabulary = Vocabulary(tuple(sorted(set(known))), unknown=True)
    expected = [sorted(set(known)).index(c) if c in known else len(set(known)) for c in text]
    assert vocabulary.encode(text).tolist() == expected
    assert vocabulary.decode(vocabulary.encode(text)) == "".join(c if c in known else "\ufffd" for c in text)


@given(texts, texts, st.booleans())
def test_a_stand_in_takes_the_place_of_foreign_characters_even_where_there_is_an_unknown_one(known, text, unknown):
    vocabulary = Vocabulary(tuple(sorted(set(known))), unknown)
    ids = vocabulary.encode(text, stand_in=known[0])
    assert vocabulary.decode(ids) == "".join(c if c in known else known[0] for c in text)


def test_rare_characters_become_the_unknown_one():
    vocabulary = vocabulary_of("aaabbbcd", min_count=2)
    assert vocabulary == Vocabulary(("a", "b"), unknown=True)
    assert vocabulary.encode("abcd").tolist() == [0, 1, 2, 2]
    assert len(vocabulary) == 3


def test_there_is_no_unknown_character_where_none_is_rare():
    assert vocabulary_of("aabb", min_count=2) == Vocabulary(("a", "b"), unknown=False)


def test_a_count_that_leaves_nothing_is_refused():
    with pytest.raises(UserError, match="leaves no character: the most frequent one occurs 3 times"):
        vocabulary_of("aaab", min_count=4)


@pytest.mark.parametrize(("known", "unknown", "dtype"), [
    (255, True, np.uint8), (256, False, np.uint8), (256, True, np.uint16), (55_000, False, np.uint16),
])
def test_ids_are_bytes_up_to_256_characters(known, unknown, dtype):
    vocabulary = Vocabulary(tuple(map(chr, range(known))), unknown)
    assert vocabulary.dtype == dtype
    ids = vocabulary.encode(chr(0) + chr(known - 1) + ("\U0010ffff" if unknown else ""))
    assert ids.dtype == dtype
    assert ids.tolist() == [0, known - 1, known][:2 + unknown]


def test_the_most_characters():
    codes = [c for c in range(70_000) if not 0xD800 <= c <= 0xDFFF]
    assert Vocabulary(tuple(map(chr, codes[:65_536]))).encode(chr(codes[65_535])).tolist() == [65_535]
    with pytest.raises(UserError, match="65,537 distinct characters, and at most 65,536"):
        Vocabulary(tuple(map(chr, codes[:65_537])))
    with pytest.raises(UserError, match="at most"):
        Vocabulary(tuple(map(chr, codes[:65_536])), unknown=True)


def test_a_foreign_character_is_named_with_its_place_number_and_count():
    with pytest.raises(UserError) as caught:
        vocabulary_of("abc ").encode("ab\u2019ab\x07\u2019")
    message = str(caught.value)
    assert "'\\u2019' (U+2019) at position 2" in message
    assert "3 such" in message
    assert "--stand-in ' '" in message
    assert "\n" not in message
    assert message.isascii()


@pytest.mark.parametrize("stand_in", ["z", "", "ab", "\u2019"])
def test_a_stand_in_outside_the_vocabulary_is_refused(stand_in):
    with pytest.raises(UserError, match="stand-in must be one character of the vocabulary"):
        Vocabulary(("a", "b")).encode("abc", stand_in=stand_in)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.int64])
def test_codes_of_any_width_are_looked_up(dtype):
    vocabulary = Vocabulary(("a", "é", "\u2019"), unknown=True)
    assert vocabulary.encode_codes(np.array([97, 233, 255, 0], dtype)).tolist() == [0, 1, 3, 3]


def test_nothing_encodes_to_nothing():
    vocabulary = Vocabulary(("a",))
    assert vocabulary.encode("").shape == (0,)
    assert vocabulary.encode("").dtype == np.uint8
    assert vocabulary.decode(np.array([], np.uint8)) == ""


@pytest.mark.parametrize("ids", [[2], [-1], [0, 300]])
def test_ids_outside_are_refused(ids):
    with pytest.raises(UserError, match=f"ids must lie in 0 … 1; received {ids[-1]}"):
        Vocabulary(("a", "b")).decode(np.array(ids))


@pytest.mark.parametrize("characters", [(), ("b", "a"), ("a", "a"), ("ab",), ("",), (1,), ("\ud800",)])
def test_what_is_no_vocabulary_is_refused(characters):
    with pytest.raises(UserError):
        Vocabulary(characters)


@pytest.mark.parametrize("value", [
    None, [], {}, {"characters": "ab"}, {"characters": ["a"], "unknown": False}, {"characters": "ab", "unknown": 1},
    {"characters": "ba", "unknown": False}, {"characters": "ab", "unknown": False, "more": 1},
])
def test_json_that_is_no_vocabulary_is_refused(value):
    with pytest.raises(UserError):
        Vocabulary.from_json(value)
