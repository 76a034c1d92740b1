"""Findings to show, the page of them, and a browser to show it in."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from probe.gallery import build_gallery
from probe.scan.findings import Findings
from tests.gallery.browsing import Opened, opened
from tests.gallery.derived import UNKNOWN, two_passages
from tests.gallery.simulation import simulated_findings

FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def findings() -> Findings:
    return simulated_findings()


@pytest.fixture(scope="session")
def path(findings, tmp_path_factory) -> Path:
    return build_gallery(findings, tmp_path_factory.mktemp("page") / "gallery.html")


@pytest.fixture(scope="session")
def two(findings) -> Findings:
    """Findings with two passages and two signals, and a unit that has no correlation with one pattern."""
    made = two_passages(findings)
    table = made.measures["confirmation/correlation"].copy()
    table[UNKNOWN] = np.nan
    return replace(made, measures={**made.measures, "confirmation/correlation": table})


@pytest.fixture(scope="session")
def wide(two, tmp_path_factory) -> Path:
    return build_gallery(two, tmp_path_factory.mktemp("page") / "wide.html")


@pytest.fixture(scope="package")  # not of the session: while it is open no other test may run a loop of its own
def browser() -> Iterator[Browser]:
    wanted = [os.environ.get("PROBE_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    found = next((place for name in wanted if name and (place := shutil.which(name))), None)
    if found is None:
        pytest.skip("no browser: set PROBE_CHROMIUM, or put chromium, chromium-browser or google-chrome on the PATH")
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as engine, engine.chromium.launch(executable_path=found, args=[*FLAGS, *root]) as opened_one:
        yield opened_one


@pytest.fixture
def view(browser, path) -> Iterator[Opened]:
    with opened(browser, path, color_scheme="light") as shown:
        yield shown


@pytest.fixture
def page(browser, wide) -> Iterator[Page]:
    with opened(browser, wide, color_scheme="light") as shown:
        yield shown.page
