"""The translator that comes with probe, on dates that it never saw."""

import json
import re
import shlex
from dataclasses import asdict
from pathlib import Path

import pytest

from probe.attention import RECIPES, DateTestOptions, Translator, examine
from probe.attention.translator.translator import MANIFEST, SHIPPED

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def shipped() -> Translator:
    return Translator.open()


@pytest.mark.parametrize("text", ["5th November 2016", "Nov 5, 16", "5 de noviembre de 2016", "samedi 5 novembre 2016",
                                  "Saturday 5 November 2016", "2016年11月5日"])
def test_it_reads_a_date_as_people_write_it(text, shipped):
    answer, = shipped.translate([text])
    assert answer.date is not None and answer.date.isoformat() == "2016-11-05"
    assert answer.probability > 0.95


@pytest.mark.parametrize("text", ["", "hello", "Saturday", "November 2016"])
def test_it_refuses_what_is_no_date(text, shipped):
    answer, = shipped.translate([text])
    assert answer.date is None and answer.output == "" and answer.probability > 0.9


def test_it_is_as_good_as_its_bar_on_days_that_it_never_saw(shipped):
    report = examine(shipped, DateTestOptions(texts=150, without=50, maps=0, seed=71), show=False)
    assert report.exact.ratio >= 0.97


def test_its_file_says_how_it_was_made_and_names_no_place():
    content = json.loads((SHIPPED / MANIFEST).read_text("utf-8"))["content"]
    assert content["dates"] == json.loads(json.dumps(asdict(RECIPES["languages"].dates.spelt_out())))
    assert content["origin"]["training"]["minutes"] == 20
    assert content["origin"]["tested"]["exact"]["mean"] > 0.97
    assert "/" not in json.dumps(content["origin"])
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 2 << 20


def test_the_page_about_it_shows_what_it_says(shipped):
    block = (ROOT / "docs" / "dates.md").read_text("utf-8").split("$ probe dates translate ")[1].split("```")[0]
    command, *lines = block.splitlines()
    answers = shipped.translate(shlex.split(command))
    assert len(lines) == len(answers)
    number = re.compile(r">?0\.\d+")
    for line, answer in zip(lines, answers, strict=True):
        said = f"{answer.text} → {answer}"
        assert number.sub("p", line) == number.sub("p", said)
        for shown, found in zip(number.findall(line), number.findall(said), strict=True):
            assert float(shown.strip(">")) == pytest.approx(float(found.strip(">")), abs=0.01)
