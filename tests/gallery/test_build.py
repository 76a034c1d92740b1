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


def test_every_finding_is_told_with_its_scores(findings, page):
    words = words_of(page)
    for finding in findings.findings:
        control = abs(finding.last_character.correlation)
        for score in (finding.selection.correlation, finding.confirmation.correlation, control):
            assert f"{score:.2f}".replace("-", "−") in words
        assert finding.label in words
    for note in findings.patterns:
        assert note.name.replace("_", " ") in words


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
    assert "No unit follows a pattern more closely than the last character" in page
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
