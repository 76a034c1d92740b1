import pytest

from probe.corpus import CorpusOptions
from probe.errors import UserError


def test_the_defaults_are_accepted():
    assert CorpusOptions().shares == (0.8, 0.1, 0.1)


@pytest.mark.parametrize("splits", ["", "0.8,0.2", "0.8,0.1,0.1,0.0", "a,b,c", "0.8,0.2,0", "1.2,-0.1,-0.1", "80,10,10",
                                    "nan,0.5,0.5", "inf,0.5,0.5", "0.8,0.1,0.11"])
def test_splits_that_are_not_shares_of_one_whole_are_refused(splits):
    with pytest.raises(UserError, match="--splits must be three") as caught:
        CorpusOptions(splits=splits)
    assert repr(splits) in str(caught.value)


def test_a_negative_count_is_refused():
    with pytest.raises(UserError, match="--min-count must be at least 0; received -1"):
        CorpusOptions(min_count=-1)


@pytest.mark.parametrize(("name", "meant"), [("utf9", "utf"), ("cp1225", "cp125"), ("latin-l", "latin"),
                                             ("UTF--88", "utf-8")])
def test_a_misspelt_encoding_is_refused_with_a_guess(name, meant):
    with pytest.raises(UserError, match=f"did you mean {meant}"):
        CorpusOptions(encoding=name)


@pytest.mark.parametrize("name", ["rot13", "base64", "zip", "undefined", "\0", "", "no such thing at all"])
def test_what_is_no_text_encoding_is_refused(name):
    with pytest.raises(UserError, match="--encoding: no text encoding"):
        CorpusOptions(encoding=name)


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "utf-8-sig", "utf-16", "utf-32-be", "cp1252", "latin-1", "gb18030",
                                  "shift_jis", "iso2022_jp", "cp037", "utf-7"])
def test_known_encodings_are_accepted(name):
    assert CorpusOptions(encoding=name).encoding == name
