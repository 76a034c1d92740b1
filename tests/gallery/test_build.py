"""The file itself, without a browser."""

import base64
import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from probe.errors import UserError
from probe.gallery import GalleryOptions, build_gallery
from probe.scan.evidence import Chance, Interval, Untrained
from tests.gallery.simulation import simulated_findings


class Words(HTMLParser):
    """The words of a page as they are read without scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag, attrs):
        self._skipped += tag in ("script", "style")
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("style", "src")]

    def handle_endtag(self, tag):
        self._skipped -= tag in ("script", "style")

    def handle_data(self, data):
        if not self._skipped:
            self.words.append(data)


def words_of(page: str) -> str:
    parser = Words()
    parser.feed(page)
    return " ".join("".join(parser.words).split())


@pytest.fixture(scope="module")
def page(findings, tmp_path_factory):
    return build_gallery(findings, tmp_path_factory.mktemp("page") / "gallery.html").read_text("utf-8")


def told(value: float) -> str:
    return f"{value:.2f}".replace("-", "−").replace("−0.00", "0.00")


def test_every_finding_is_told_with_its_evidence(findings, page):
    words = words_of(page)
    for finding in findings.findings:
        numbers = [finding.selection.correlation, finding.confirmation.correlation, finding.untrained.best,
                   *(abs(scores.correlation) for scores in finding.ngrams)]
        assert all(told(number) in words for number in numbers)
        if finding.interval:
            assert f"{told(finding.interval.low)} to {told(finding.interval.high)}" in words
        else:
            assert f"too short: {finding.interval.blocks} blocks" in words
        assert f"{finding.chance.family:.3f}" in words
        assert finding.verdict.replace("n-gram", "n\u2011gram") in words
        assert finding.label in words
    for note in findings.patterns:
        assert note.name.replace("_", " ") in words


def test_the_clearest_is_told_with_its_lead_and_what_the_network_loses_without_it(findings, page):
    words, first = words_of(page), findings.findings[0]
    assert f"p {first.chance.family:.3f} over all units and patterns" in words
    assert f"the unit's lead lies between {told(first.margin.low)} and {told(first.margin.high)}" in words
    assert f"on the same characters this one reaches {told(abs(first.untrained.unit))}." in words
    assert "Is it used? Without it the network, in nats a character, loses 0.041 inside" in words
    assert words.count("Without it the network") == 1
    assert f"together, as a correlation: of one unit {abs(first.confirmation.correlation):.2f}, five units" in words


def test_lines_from_0_to_1_show_the_evidence(findings, page):
    """Each overview row has its dot, the bar of its interval where there is one, and a tick on either side."""
    rows = re.findall(r"<svg class=\"scale\".*?</svg>", page.partition('id="all"')[2].partition("</table>")[0], re.S)
    best = {f"{abs(f.confirmation.correlation) * 120:.1f}": f for f in findings.findings if f.rank == 1}
    assert len(rows) == len(best) == 6
    for row in rows:
        finding = best[re.search(r'circle cx="([\d.]+)"', row)[1]]
        place = {kind: re.search(f'class="{kind}" x1="([\\d.]+)".*?x2="([\\d.]+)"', row)
                 for kind in ("interval", "ngram", "untrained")}
        for kind, magnitude in (("ngram", abs(finding.best_ngram.correlation)), ("untrained", finding.untrained.best)):
            assert [float(end) for end in place[kind].groups()] == pytest.approx([magnitude * 120] * 2, abs=0.051)
        if not finding.interval:
            assert place["interval"] is None
        elif finding.interval.low > 0:
            assert [float(end) for end in place["interval"].groups()] == pytest.approx(
                [finding.interval.low * 120, finding.interval.high * 120], abs=0.051)


def test_a_scan_without_a_null_says_so_and_claims_nothing(findings, tmp_path):
    bare = tuple(replace(f, chance=Chance(), interval=Interval(), margin=Interval(), ngrams=(), untrained=Untrained(),
                         ablation=None, probes=()) for f in findings.findings)
    words = words_of(build_gallery(replace(findings, findings=bare), tmp_path / "gallery.html").read_text("utf-8"))
    assert "Unit 1:30 ranks first for “inside quotes”" in words
    assert "No unit was tested against chance: each is the best of 48 for its pattern" in words
    assert "nothing is claimed of it" in words
    shown = words.partition("What the words and numbers mean")[0]
    for claim in ("turns off", "turns on", "cannot explain", "untrained networks reach", "The clearest", "beyond"):
        assert claim not in shown


def test_patterns_stand_under_what_is_claimed_of_them(page):
    overview = words_of(page.partition('id="all"')[2].partition("</table>")[0])
    order = ["beyond what the last characters explain", "inside quotes", "lead over the last characters not settled",
             "column in line", "explained by the last characters", "vowel", "not told from chance", "odd line",
             "too rare to say", "digit"]
    places = [overview.index(words) for words in order]
    assert places == sorted(places)


def test_works_without_a_script(findings, page):
    assert "scripts are switched off here" in words_of(page)
    assert "“So it does,” he said." in words_of(page)
    assert "the clock.txt" in words_of(page)


def test_every_asked_for_number_is_defined(page):
    asked = set(re.findall(r'href="#([^"]+)"', page))
    assert asked
    assert asked <= set(re.findall(r'id="([^"]+)"', page))


def test_loads_nothing_from_anywhere(page):
    assert "default-src 'none'" in html.unescape(page)
    assert not re.findall(r"https?://|<link|<img|@import|url\(", page)


def test_bytes_of_the_page_are_those_of_the_findings(findings, page):
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])
    passage = findings.passages[0]
    for finding in findings.findings:
        trace = data["traces"][f"{finding.layer}:{finding.unit}/{finding.signal}/{finding.passage}"]
        packed = np.frombuffer(base64.b64decode(trace["bytes"]), np.uint8)
        np.testing.assert_array_equal(packed, passage.activations["1", "hidden"][:, finding.unit])
        assert (trace["low"], trace["high"]) == passage.scales["1", "hidden"]
        track = data["tracks"][f"{finding.pattern}/{finding.passage}"]
        column = [note.name for note in findings.patterns].index(finding.pattern)
        labels = passage.labels[:, column]
        if "bits" in track:
            bits = np.unpackbits(np.frombuffer(base64.b64decode(track["bits"]), np.uint8))[:len(labels)]
            np.testing.assert_array_equal(bits, labels > 0.5)
        else:
            levels = np.frombuffer(base64.b64decode(track["bytes"]), np.uint8)
            np.testing.assert_allclose(track["low"] + levels / 255 * (track["high"] - track["low"]), labels,
                                       atol=(track["high"] - track["low"]) / 509)


def test_options_choose_how_the_page_opens(findings, tmp_path):
    options = GalleryOptions(palette="diverging", scaling="raw", alignment="predicted", units=1, excerpt=200)
    page = build_gallery(findings, tmp_path / "gallery.html", options).read_text("utf-8")
    assert 'data-palette="diverging" data-scaling="raw" data-alignment="predicted"' in page
    assert "laid on <span class=\"laid\">the next character</span>" in page
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])
    assert all(len(specimen["choices"]) == 1 for specimen in data["specimens"])
    excerpts = [specimen["choices"][0]["excerpt"] for specimen in data["specimens"]]
    assert all(stop - start <= 200 for start, stop in excerpts)


@pytest.mark.parametrize("wrong", [{"palette": "rainbow"}, {"scaling": "log"}, {"units": 0}, {"excerpt": 5}])
def test_bad_options_are_refused_and_write_nothing(findings, tmp_path, wrong):
    with pytest.raises(UserError, match=f"--{next(iter(wrong))} must be"):
        build_gallery(findings, tmp_path / "gallery.html", GalleryOptions(**wrong))
    assert not list(tmp_path.iterdir())


def test_no_finding_is_refused(findings, tmp_path):
    with pytest.raises(UserError, match="no finding"):
        build_gallery(replace(findings, findings=()), tmp_path / "gallery.html")


def test_nothing_found_is_a_page_too(findings, tmp_path):
    fallen = tuple(finding for finding in findings.findings if finding.pattern in ("vowel", "whitespace"))
    page = build_gallery(replace(findings, findings=fallen, log=()), tmp_path / "gallery.html").read_text("utf-8")
    assert "No unit is shown to know more than the last three characters" in page
    assert "How the network learned" not in page


def test_200_units_on_5000_characters_stay_under_5_megabytes(findings, tmp_path):
    story = simulated_findings(confirmation=(findings.passages[0].text * 4)[:5000], ranked=1)
    random = np.random.default_rng(0)
    base = story.passages[0]
    wide = replace(base, activations={("1", "hidden"): random.integers(0, 256, (5000, 200), np.uint8)},
                   units={("1", "hidden"): range(200)})
    units = tuple(replace(finding, unit=unit, rank=rank) for finding in story.findings
                  for rank, unit in enumerate(range(200), 1))
    many = replace(story, findings=units, passages=(wide,), units={("1", "hidden"): range(200)})
    path = build_gallery(many, tmp_path / "gallery.html", GalleryOptions(units=200))
    assert path.stat().st_size < 5_000_000
