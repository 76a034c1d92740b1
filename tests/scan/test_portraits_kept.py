"""Portraits in the findings folder: what goes in comes out, and what contradicts the rest is refused in a line."""

from dataclasses import replace

import numpy as np
import pytest

from probe.errors import UserError
from probe.files import read_manifest, write_manifest
from probe.scan import Findings, ScanOptions, scan
from probe.scan.findings import VERSION
from probe.scan.portrait import GateShares, Portrait, Push
from tests.scan.test_findings import GONE, put, rewritten

ALPHABET = ("\n", "a", "b", "“", "𝄞", "")


@pytest.fixture(scope="module")
def findings(corpus, recorded) -> Findings:
    """Of a scan, with what a network would add."""
    start = corpus.splits.test.start
    options = ScanOptions(patterns="inside_quotes,column", top=4, rolls=0, passage=100, passages=2)
    found = scan(recorded(0, start), recorded(start, start + 2000), options, show=False)
    generator = np.random.default_rng(0)
    passages = tuple(replace(each, expected=generator.integers(0, 6, (len(each.text), 5), np.int32),
                             chances=generator.random((len(each.text), 5), np.float32)) for each in found.passages)
    portraits = tuple(replace(each, written=(Push("𝄞", 1.5), Push("", -0.25)), measured=(Push("a", 0.125),),
                              half_life=half_life)
                      for each, half_life in zip(found.portraits, (np.inf, None, 2.5, 0.0), strict=False))
    shares = GateShares((0, 3), np.array([[0.5, 0], [1, 0.25], [np.nan, np.nan]]), np.zeros((3, 2)),
                        np.array([np.inf, np.nan]))
    return replace(found, passages=passages, portraits=portraits, saturation={"1": shares, "bi/forward": shares},
                   alphabet=ALPHABET)


def told(portrait: Portrait) -> list:
    return [vars(portrait) | {"contexts": len(portrait.contexts), "counts": portrait.counts.tolist(),
                              "inside": portrait.inside.tolist()},
            [vars(context) | {"levels": context.levels.tolist()} for context in portrait.contexts]]


def test_portraits_survive_the_folder(findings, tmp_path):
    read = Findings.load(findings.save(tmp_path / "findings"))
    assert len(read.portraits) == len(findings.portraits) >= 3
    assert [told(each) for each in read.portraits] == [told(each) for each in findings.portraits]
    assert (read.alphabet, read.saturation.keys()) == (ALPHABET, findings.saturation.keys())
    for layer, shares in findings.saturation.items():
        assert read.saturation[layer].units == shares.units
        for name in ("left", "right", "half_life"):
            np.testing.assert_array_equal(getattr(read.saturation[layer], name), getattr(shares, name))
    for one, other in zip(read.passages, findings.passages, strict=True):
        np.testing.assert_array_equal(one.expected, other.expected)
        np.testing.assert_array_equal(one.chances, other.chances)


def test_findings_without_portraits_survive_too(findings, tmp_path):
    bare = replace(findings, portraits=(), saturation={}, alphabet=(),
                   passages=tuple(replace(each, expected=None, chances=None) for each in findings.passages))
    read = Findings.load(bare.save(tmp_path / "findings"))
    assert (read.portraits, read.saturation, read.alphabet) == ((), {}, ())
    assert read.passages[0].expected is None


def test_a_portrait_without_contexts_survives(findings, tmp_path):
    first = replace(findings.portraits[0], contexts=())
    read = Findings.load(replace(findings, portraits=(first, *findings.portraits[1:])).save(tmp_path / "findings"))
    assert [len(each.contexts) for each in read.portraits] == [0, *(len(each.contexts)
                                                                   for each in findings.portraits[1:])]
    np.testing.assert_array_equal(read.portraits[1].contexts[0].levels, findings.portraits[1].contexts[0].levels)


def test_fewer_findings_have_fewer_portraits(findings):
    fewer = findings.only(pattern="column", top=1)
    [finding] = fewer.findings
    assert [(each.layer, each.unit) for each in fewer.portraits] == [(finding.layer, finding.unit)]


def arrays(**changed):
    """A change of arrays, by name with underscores twice for a stroke: None takes one away."""
    def change(content, held):
        for name, array in changed.items():
            name = name.replace("__", "/")
            if array is None:
                del held[name]
            else:
                held[name] = array(held[name])
    return change


FIRST = "portraits", 0
CONTEXT = *FIRST, "contexts", 0


@pytest.mark.parametrize(("change", "wrong"), [
    (put("portraits", GONE), "'portraits' is missing"),
    (put("saturation", GONE), "'saturation' is missing"),
    (put("alphabet", GONE), "'alphabet' is missing"),
    (put("portraits", 5), "portraits is no list"),
    (put(*FIRST, "size", 5), r"portraits\[0\] has a strange key 'size'"),
    (put(*FIRST, "low", GONE), r"portraits\[0\] has no 'low'"),
    (put(*FIRST, "low", None), r"portraits\[0\] has a number that is not finite"),
    (put(*FIRST, "low", 1e9), r"portraits\[0\] has .* a low end above its high one"),
    (put(*FIRST, "unit", 999), r"portraits\[0\] names a unit that is none of the units"),
    (put(*FIRST, "similar", 0, "unit", 999), r"portraits\[0\] names a unit that is none of the units"),
    (put(*FIRST, "similar", 0, "correlation", None), r"portraits\[0\] has a number that is not finite"),
    (put(*FIRST, "written", 0, "character", "<"), r"portraits\[0\] has a character that is none of the alphabet"),
    (put(*FIRST, "written", 0, "change", "x"), r"portraits\[0\].written\[0\].change is no number"),
    (put(*FIRST, "characters", 0), r"portraits\[0\].characters is no whole number from 1"),
    (put(*CONTEXT, "band", 5), r"portraits\[0\].contexts\[0\].band is no whole number from 0 to 4"),
    (put(*CONTEXT, "start", -1), r"portraits\[0\].contexts\[0\].start is no whole number from 0"),
    (put(*CONTEXT, "at", 80), r"portraits\[0\].contexts\[0\].at is no whole number from 0 to"),
    (put(*CONTEXT, "text", ""), r"portraits\[0\].contexts\[0\].text has not 1 to 80 characters"),
    (put(*CONTEXT, "text", "x" * 81), r"portraits\[0\].contexts\[0\].text has not 1 to 80 characters"),
    (put(*CONTEXT, "text", "short" * 12), "the array portraits/levels is uint8 of shape"),
    (lambda content, _: content["portraits"].append(content["portraits"][0]), "portraits has a unit twice"),
    (lambda content, _: content["portraits"].pop(), "the array portraits/levels is uint8 of shape"),
    (put("saturation", []), "saturation is no object"),
    (put("saturation", "1", [0]), r"the array saturation/1/left is float64 of shape \(3, 2\), not \(3, 1\)"),
    (put("saturation", "1", [0, "x"]), "saturation.1 is no whole number"),
    (put("saturation", "7", [0, 1]), "the array saturation/7/left is missing"),
    (put("alphabet", 1, "ab"), "alphabet has something that is no character"),
    (put("alphabet", 1, "b"), "alphabet has .* one twice"),
    (put("alphabet", ["a"]), "passages/0/expected is int32 of shape"),
    (arrays(portraits__levels=None), "the array portraits/levels is missing"),
    (arrays(portraits__counts=lambda held: held[:, 1:]), "the array portraits/counts is int64 of shape"),
    (arrays(portraits__counts=lambda held: -held), "portraits/counts or portraits/inside has a number below 0"),
    (arrays(portraits__inside=lambda held: held[:, 1:]), "the array portraits/inside is int64 of shape"),
    (arrays(portraits__inside=lambda held: held.astype(float)), "the array portraits/inside is float64 of shape"),
    (arrays(portraits__half_life=lambda held: held[1:]), "the array portraits/half_life is float64 of shape"),
    (arrays(passages__0__chances=None), "the array passages/0/chances is missing"),
    (arrays(passages__0__expected=None), "the array passages/0/expected is missing"),
    (arrays(passages__0__expected=lambda held: held[1:]), "the array passages/0/expected is int32 of shape"),
    (arrays(passages__0__expected=lambda held: held + 1), "passages/0/expected names a character that is none"),
    (arrays(passages__0__expected=lambda held: held - 1), "passages/0/expected names a character that is none"),
    (arrays(passages__0__chances=lambda held: held + 1), "passages/0/chances has a number that is no probability"),
    (arrays(passages__0__chances=lambda held: held * np.nan), "passages/0/chances has a number that is no prob"),
])
def test_what_this_version_never_wrote_is_refused_in_a_line(findings, tmp_path, change, wrong):
    folder = findings.save(tmp_path / "findings")
    rewritten(folder, change)
    with pytest.raises(UserError, match=wrong) as refusal:
        Findings.load(folder)
    assert "\n" not in str(refusal.value) and len(str(refusal.value)) < 300


def test_the_former_version_is_refused_in_a_line(findings, tmp_path):
    folder = findings.save(tmp_path / "findings")
    content = read_manifest(folder / "findings.json", "findings", VERSION)
    write_manifest(folder / "findings.json", "findings", 3, content)
    with pytest.raises(UserError, match="version 3"):
        Findings.load(folder)
