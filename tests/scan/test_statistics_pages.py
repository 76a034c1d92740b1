"""docs/statistics: a page on each statistic, with its source, its test, and a number that is computed again."""

import doctest
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from probe.scan import AblationOptions, ProbeOptions, ScanOptions
from probe.scan.controls.logistic import STEPS
from probe.scan.finding import CLAIMS, Finding
from probe.scan.measures import raw_scores

ROOT = Path(__file__).resolve().parents[2]
PAGES = {page.stem: page.read_text("utf-8") for page in sorted((ROOT / "docs" / "statistics").glob("*.md"))}
STATISTICS = [name for name in PAGES if name != "index"]
# What a finding says of itself, and the texts on which it has scores; all else is evidence.
NO_EVIDENCE = {"pattern", "rank", "layer", "signal", "unit", "passage", "selection", "confirmation", "raw"}


def section(page: str, title: str) -> str:
    """The text below a heading of the second level."""
    return re.split(r"^## ", page.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def named(title: str) -> set[str]:
    """What stands in code signs below a heading, over all pages."""
    return {name for page in PAGES.values() for name in re.findall(r"`([^`\n]+)`", section(page, title))}


@pytest.mark.parametrize("name", STATISTICS)
def test_a_page_is_short_and_whole(name):
    page = PAGES[name]
    assert len(page.splitlines()) <= 60
    assert re.search(r"^\*\*Source\.\*\* .*\b(19|20)\d\d\b", page, re.MULTILINE | re.DOTALL)
    for title in ("What is computed", "When it misleads", "In the findings", "A worked number"):
        assert section(page, title).strip(), title
    tests = re.findall(r"`(tests/[\w/]+\.py)`", section(page, "Held by"))
    assert tests and [test for test in tests if not (ROOT / test).is_file()] == []


@pytest.mark.parametrize("name", STATISTICS)
def test_its_number_is_what_it_says(name):
    source = "\n".join(re.findall(r"```pycon\n(.*?)```", PAGES[name], re.DOTALL))
    numbers = doctest.DocTestParser().get_doctest(source, {}, name, f"{name}.md", 0)
    assert any(example.want for example in numbers.examples)
    told: list[str] = []
    assert doctest.DocTestRunner().run(numbers, out=told.append).failed == 0, "".join(told)


def test_every_measure_has_its_page():
    values = np.arange(4.0)
    measured = raw_scores(values, values > 1, boolean=True)
    assert set(measured) <= named("In the findings")


# Default → the page that names it, and the words in which it does.
DEFAULTS = {
    ScanOptions: {"rolls": ("rolls", "at most {:,} (`--rolls`)"), "twins": ("twins", "`--twins {}`"),
                  "twin_characters": ("twins", "`--twin-characters {}`")},
    AblationOptions: {"ablation_characters": ("ablation", "the first {:,} characters"),
                      "ablation_controls": ("ablation", "Beside it stand {:w} other units"),
                      "ablated": ("ablation", "at most {:w} boolean patterns (`--ablated`)")},
    ProbeOptions: {"probe_rows": ("probes", "fitted on {:,} characters"),
                   "probes": ("probes", "at most {:w} boolean patterns (`--probes`)")},
}
WORDS = {5: "five", 10: "ten"}


@pytest.mark.parametrize(("options", "field"), [(kind, field) for kind, known in DEFAULTS.items() for field in known])
def test_defaults_are_those_that_the_pages_name(options, field):
    page, words = DEFAULTS[options][field]
    default = getattr(options(), field)
    told = words.replace("{:w}", WORDS.get(default, "")).format(default)
    assert told in " ".join(PAGES[page].split())


def test_probes_are_as_strict_as_their_page_says():
    assert "C is {:g}, {:g} or {:g} times".format(*STEPS) in PAGES["probes"]


def test_every_claim_and_all_evidence_of_a_finding_has_its_page():
    evidence = {field.name for field in fields(Finding)} - NO_EVIDENCE
    assert evidence | set(CLAIMS) <= named("In the findings")


def test_every_control_of_the_findings_has_its_page():
    schema = (ROOT / "docs" / "findings-schema.md").read_text("utf-8")
    told = {name for row in re.findall(r"^\| (`controls/.*?`) \|", schema, re.MULTILINE)
            for name in re.findall(r"`controls/([^`]*)`", row)}
    assert len(told) >= 5
    assert {name.replace("{1,2,3}/{field}", "1/correlation") for name in told} <= named("In the findings")


def test_the_overview_names_every_page():
    overview = re.findall(r"\]\(([\w-]+)\.md", PAGES["index"])
    assert set(STATISTICS) == set(overview)
