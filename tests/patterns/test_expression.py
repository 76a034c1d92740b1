"""Expressions over patterns: their grammar, their laws, their contexts, and what they refuse."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.corpus.document import Document, FileSpan, Language
from probe.errors import UserError
from probe.patterns import (
    NETWORK_PATTERNS,
    PATTERNS,
    Context,
    DocumentParts,
    Expression,
    Labeller,
    Pattern,
    RegularExpression,
    parse_pattern,
)
from probe.patterns.expression_parser import parse_expression
from probe.patterns.signs import Comma

TEXT = "‘Oh, well,’ she\n  said, “so I 2.”\n\nNO (end), yes"
TERMS = ["inside_quotes", "word_start", "comma", "whitespace", "line_end", "sentence_start", "inside_brackets"]
GRADED = ["column", "word_length", "position_in_sentence"]


def label(written: str, text: str = TEXT) -> np.ndarray:
    return parse_expression(written, PATTERNS).label(Document.of(text))


def known(name: str) -> np.ndarray:
    return PATTERNS[name].label(Document.of(TEXT))


@pytest.mark.parametrize(("written", "wanted"), [
    ("inside_quotes & ~whitespace", known("inside_quotes") & ~known("whitespace")),
    ("inside_quotes and not whitespace", known("inside_quotes") & ~known("whitespace")),
    ("comma | digit or newline", known("comma") | known("digit") | known("newline")),
    ("comma ^ punctuation", known("comma") != known("punctuation")),
    ("comma | digit & letter", known("comma")),
    ("(comma | letter) & letter", known("letter")),
    ("~comma & ~letter", ~(known("comma") | known("letter"))),
    ("column > 4", known("column") > 4),
    ("4 > column", known("column") < 4),
    ("2 <= column < 6.5", (known("column") >= 2) & (known("column") < 6.5)),
    ("(word_length == 1) & upper_case", (known("word_length") == 1) & known("upper_case")),
    ("column != word_length", known("column") != known("word_length")),
    ("column > -1", np.ones(len(TEXT), bool)),
    ("comma == 0", ~known("comma")),
    ("char(',\".')", np.isin(list(TEXT), [",", '"', "."])),
    ('char("’“")', np.isin(list(TEXT), ["’", "“"])),
    ("column", known("column")),
    ("comma", known("comma")),
])
def test_meaning(written: str, wanted: np.ndarray) -> None:
    np.testing.assert_array_equal(label(written), wanted)
    assert label(written).dtype == wanted.dtype


def test_shift() -> None:
    assert np.flatnonzero(label("shift(comma, 2)", "a,bc,,d,")).tolist() == [3, 6, 7]
    assert np.flatnonzero(label("shift(comma, -1)", ",a,bc,")).tolist() == [1, 4]
    assert label("shift(column, 2)", "abcd").tolist() == [0, 0, 0, 1]
    assert label("shift(comma, 9)", ",a").tolist() == [False, False]
    assert label("shift(comma, 0)", ",a").tolist() == [True, False]


terms = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: st.one_of(
        st.builds("~({})".format, inner), st.builds("({} {} {})".format, inner, st.sampled_from("&|^"), inner),
        st.builds("({} {} {})".format, st.sampled_from(GRADED), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
                  st.integers(0, 9)),
        st.builds("shift({}, {})".format, inner, st.integers(-20, 20))),
    max_leaves=6)
PIECES = ["a", "B", " ", "\n", "\n\n", "\r\n", ", ", "‘", "’ ", "(", ")", ". ", "1", "e\u0301"]
texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def same(left: str, right: str, text: str) -> None:
    np.testing.assert_array_equal(label(left, text), label(right, text), f"{left} {right}")


@settings(max_examples=60, deadline=None)
@given(terms, terms, terms, texts, st.integers(-30, 30), st.integers(0, 30), st.integers(0, 30))
def test_laws(a: str, b: str, c: str, text: str, k: int, m: int, n: int) -> None:
    same(f"~({a} & {b})", f"~{a} | ~{b}", text)
    same(f"~({a} | {b})", f"~{a} & ~{b}", text)
    same(f"~~{a}", a, text)
    same(f"{a} & ({b} | {c})", f"{a} & {b} | {a} & {c}", text)
    same(f"{a} ^ {b}", f"({a} | {b}) & ~({a} & {b})", text)
    same(f"shift({a} & {b}, {k})", f"shift({a}, {k}) & shift({b}, {k})", text)
    same(f"shift(shift({a}, {m}), {n})", f"shift({a}, {m + n})", text)
    same(f"shift(shift({a}, -{m}), -{n})", f"shift({a}, -{m + n})", text)


@settings(max_examples=100, deadline=None)
@given(st.lists(terms, min_size=1, max_size=3), texts, st.data())
def test_labels_are_the_same_for_any_blocks(written: list[str], text: str, data: st.DataObject) -> None:
    patterns = [parse_expression(each, PATTERNS) for each in written]
    edges = [0, *sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=2))), len(text)]
    files = tuple(FileSpan("", start, stop) for start, stop in zip(edges, edges[1:], strict=False))
    document = Document(text, files)
    whole = np.array([pattern.label(document) for pattern in patterns], np.float32).T
    labeller = Labeller(patterns, DocumentParts(document), window=data.draw(st.sampled_from([1, 4, 16])), limit=1 << 12)
    start = data.draw(st.integers(0, len(text)))
    for low, high in ((start, len(text)), (0, start)):
        np.testing.assert_array_equal(labeller.labels(low, high), whole[low:high], str(written))


@pytest.mark.parametrize("written", ["shift(column, {})", "shift(word_length, {})", "shift(quote_depth, {})"])
@pytest.mark.parametrize("by", [-7, -1, 1, 7])
def test_shifted_labels_are_those_of_whole_lines_and_paragraphs(written: str, by: int) -> None:
    text = "first line\nsecond, longer line\n\n‘so she said\nand went,\n\n‘and came’\nx\n"
    labels = Labeller([parse_expression(written.format(by), PATTERNS)], DocumentParts(Document.of(text)), window=4)
    np.testing.assert_array_equal(labels.labels(0, len(text))[:, 0], label(written.format(by), text))


@pytest.mark.parametrize(("written", "wanted"), [
    ("comma & digit", Context("characters")),
    ("comma & word_start", Context("line")),
    ("word_start | inside_quotes", Context("paragraph")),
    ("shift(comma, 2) & digit", Context("characters", before=2)),
    ("shift(shift(comma, 2) | shift(digit, -3), 1)", Context("characters", before=3, after=3)),
    ("shift(word_start, -2)", Context("line", after=2)),
    ("double_letter & shift(comma, -1)", Context("characters", before=1, after=1)),
])
def test_context(written: str, wanted: Context) -> None:
    assert parse_expression(written, PATTERNS).context_in("prose") == wanted


def test_kind_language_and_name() -> None:
    graded = parse_expression("  shift(column,\n 3)", PATTERNS)
    assert (graded.name, graded.meaning, graded.kind, graded.group) == ("shift(column, 3)",) * 2 + ("graded", "yours")
    assert parse_expression("docstring & comma", PATTERNS).languages == ("python",)
    assert parse_expression("bracket_depth > 1", PATTERNS).context_in("python").scope == "file"
    named = parse_expression("comma", PATTERNS, "c")
    assert (named.name, named.meaning) == ("c", "comma")
    assert pickle.loads(pickle.dumps(named)) == named and isinstance(named, Expression)


def test_user_patterns_are_terms() -> None:
    url = RegularExpression.of("address", r"https?://\S+")
    labels = parse_pattern("address & vowel", [url]).label(Document.of("see http://a.io"))
    assert np.flatnonzero(labels).tolist() == [11, 13, 14]


@pytest.mark.parametrize(("written", "message"), [
    ("inside_quotes & ~whitspace", "at character 18: no pattern is called 'whitspace'; did you mean 'whitespace'"),
    ("‘’ & comma", "at character 1: invalid character '‘'"),
    ("char('é') & zz", "at character 13: no pattern is called 'zz';"),
    ("comma &", "at character 8: something is missing"),
    ("(comma", "at character 1: '\\(' was never closed"),
    ("comma digit", "at character 7: invalid syntax"),
    ("column > 40 & comma", "at character 10: accepted are .*, also around each comparison"),
    ("column & comma", "at character 1: a graded pattern must be compared here, as in"),
    ("~column", "at character 2: a graded pattern must be compared here"),
    ("column + 1 > 2", "at character 1: accepted are names of patterns"),
    ("comma if digit else letter", "accepted are names"),
    ("__import__('os')", "accepted are names"),
    ("comma.name", "accepted are names"),
    ("5", "accepted are names"),
    ("2 < 3", "a comparison needs a pattern on one side"),
    ("column in comma", "comparisons are < <= > >= == !="),
    ("column < True", "accepted are names"),
    ("shift(comma)", r"at character 1: shift is written shift\(PATTERN, K\)"),
    ("shift(comma, 1.5)", "at character 14: a shift is a whole number within ±10,000"),
    ("shift(comma, 20000)", "a shift is a whole number within"),
    ("shift(comma, 1e999)", "a shift is a whole number within"),
    ("column > 1" + "0" * 400, "the number is too large"),
    ("char(comma)", "char is written char"),
    ("surprise & comma", "at character 1: surprise is about a network and cannot be a part of an expression"),
    ("~" * 200 + "comma", "it is nested more than 100 deep"),
    ("a\x00b", "must be one printable line"),
    ("", "at character 1: something is missing"),
])
def test_what_is_refused_and_where(written: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as raised:
        parse_expression(written, {**PATTERNS, **NETWORK_PATTERNS})
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("deep", ["(" * 2000 + "comma" + ")" * 2000, "~" * 4000 + "comma", "comma|" * 800 + "comma",
                                  "comma" + " " * 9000 + "& comma,"])
def test_no_depth_breaks_the_reader(deep: str) -> None:
    with pytest.raises(UserError):
        parse_expression(deep, PATTERNS)


@pytest.mark.parametrize("written", ["~" * 90 + "comma", "|".join(["comma"] * 100), " and ".join(["url"] * 600),
                                     "column" + " < column" * 500])
def test_many_terms_ask_each_part_once(written: str) -> None:
    asked = []

    class Asked(Expression):
        def __getattribute__(self, name: str) -> object:
            if name == "languages":
                asked.append(name)
            return super().__getattribute__(name)

    known = {name: Asked.of(name, "", PATTERNS[name]) for name in ("comma", "url", "column")}
    terms = written.count("comma") + written.count("url") + written.count("column")
    made = parse_expression(written, known)
    assert len(asked) <= 6 * terms  # each comparison and its neighbour ask a term, for the check and for the pattern
    document = Document.of("a, b")
    assert made.label(document).shape == (4,)
    made.context_in("prose")


def test_expressions_that_name_each_other_are_asked_once() -> None:
    asked = []

    class Asked(Comma):
        def label(self, document: Document) -> np.ndarray:
            asked.append("label")
            return super().label(document)

        def context_in(self, language: Language) -> Context:
            asked.append("context")
            return super().context_in(language)

    named: dict[str, Pattern] = {"e0": Asked()}
    for k in range(1, 15):  # 2¹⁴ paths lead from the last to the first
        written = (f"e{k - 1} & ~shift(~e{k - 1}, 0)", f"(e{k - 1} == e{k - 1}) & e{k - 1}")[k % 2]
        named[f"e{k}"] = parse_expression(written, named, f"e{k}")
    assert asked == ["context"] * len(asked) and len(asked) <= 6
    document = Document.of("a, b,")
    assert named["e14"].context_in("prose") == Context("characters")
    for _ in range(2):
        np.testing.assert_array_equal(named["e14"].label(document), [False, True, False, False, True])
    assert asked.count("label") == 2


def test_a_message_repeats_the_beginning_of_what_is_long() -> None:
    for wrong in ("~" * 4000 + "(", "comma & " * 500 + "cmma", "x" * 3000):
        with pytest.raises(UserError) as error:
            parse_expression(wrong, PATTERNS)
        assert len(str(error.value)) < 400
    with pytest.raises(UserError) as error:
        RegularExpression.of("long", "(" * 3000)
    assert len(str(error.value)) < 300
