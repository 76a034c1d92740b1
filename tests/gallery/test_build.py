"""The file itself, without a browser."""

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from probe.errors import UserError
from probe.gallery import GalleryOptions, build_gallery
from probe.gallery.glossary import SHORT
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
def page(path):
    return path.read_text("utf-8")


def data_of(page: str) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])


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
    assert first.chance.family == first.chance.floor
    assert f"p at most {first.chance.family:.3f} over all units and patterns" in words
    assert f"≤{first.chance.family:.3f}" in words
    assert f"three characters, lies between {told(first.margin.low)} and {told(first.margin.high)}." in words
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
             "too rare in these texts", "digit"]
    places = [overview.index(words) for words in order]
    assert places == sorted(places)


def test_works_without_a_script(findings, page):
    assert "scripts are switched off here" in words_of(page)
    assert "“So it does,” he said." in words_of(page)
    assert "the clock.txt" in words_of(page)


def test_every_asked_for_number_is_defined(page):
    asked = set(re.findall(r'href="#([^"]+)"', page))
    units = {address for address in asked if address.startswith("unit-")}
    assert units and units <= set(data_of(page)["units"])
    assert asked - units <= set(re.findall(r'id="([^"]+)"', page))
    assert {f"what-{name}" for name in SHORT} <= set(re.findall(r'id="([^"]+)"', page))


def test_loads_nothing_from_anywhere(page):
    assert "default-src 'none'" in html.unescape(page)
    shown = page.replace('"http://www.w3.org/2000/svg"', "")  # the name of a namespace, which nothing is asked of
    assert not re.findall(r"https?://|<link|<img|@import|url\(|fetch\(|XMLHttpRequest|import\(", shown)


def test_options_choose_how_the_page_opens(findings, tmp_path):
    options = GalleryOptions(palette="diverging", scaling="raw", alignment="predicted", units=1, excerpt=200)
    page = build_gallery(findings, tmp_path / "gallery.html", options).read_text("utf-8")
    assert 'data-palette="diverging" data-scaling="raw" data-alignment="predicted"' in page
    assert "laid on <span class=\"laid\">the next character</span>" in page
    data = data_of(page)
    assert len(data["cards"]) == 6
    assert all(each["to"] - each["from"] <= 200 for each in data["specimens"])


@pytest.mark.parametrize("wrong", [{"palette": "rainbow"}, {"scaling": "log"}, {"units": 0}, {"excerpt": 5},
                                   {"largest": 0.0}])
def test_bad_options_are_refused_and_write_nothing(findings, tmp_path, wrong):
    with pytest.raises(UserError, match=f"--{next(iter(wrong))} must be"):
        build_gallery(findings, tmp_path / "gallery.html", GalleryOptions(**wrong))
    assert not list(tmp_path.iterdir())


def test_no_finding_is_refused(findings, tmp_path):
    with pytest.raises(UserError, match="no finding"):
        build_gallery(replace(findings, findings=()), tmp_path / "gallery.html")


def test_no_passage_is_refused(findings, tmp_path):
    for passages in ((), (replace(findings.passages[0], text=""),)):
        with pytest.raises(UserError, match="no passage of text"):
            build_gallery(replace(findings, passages=passages), tmp_path / "gallery.html")


def test_nothing_found_is_a_page_too(findings, tmp_path):
    fallen = tuple(finding for finding in findings.findings if finding.pattern in ("vowel", "whitespace"))
    page = build_gallery(replace(findings, findings=fallen, log=()), tmp_path / "gallery.html").read_text("utf-8")
    assert "No unit is shown to know more than the last three characters" in page
    assert "How the network learned" not in page


def test_200_units_on_5000_characters_stay_under_5_megabytes(findings, tmp_path):
    story = simulated_findings(confirmation=(findings.passages[0].text * 4)[:5000], ranked=1)
    random = np.random.default_rng(0)
    base, units = story.passages[0], {("1", "hidden"): range(200)}
    wide = replace(base, activations={("1", "hidden"): random.integers(0, 256, (5000, 200), np.uint8)}, units=units)
    found = tuple(replace(story.findings[unit % len(story.findings)], unit=unit, rank=1 + unit // len(story.findings))
                  for unit in range(200))
    measures = {name: random.normal(0, 0.2, (200, len(story.patterns))) for name in story.measures}
    portraits = tuple(replace(story.portraits[0], unit=unit) for unit in range(200))
    many = replace(story, findings=found, passages=(wide,), units=units, measures=measures, portraits=portraits)
    path = build_gallery(many, tmp_path / "gallery.html", GalleryOptions(units=200))
    assert path.stat().st_size < 5_000_000
