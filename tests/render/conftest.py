"""A browser to open pages in."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, (os.environ.get("PROBE_CHROMIUM", ""), "chromium", "google-chrome"))),
                 None)
    if found is None:
        pytest.skip("no browser: set PROBE_CHROMIUM, or put chromium or google-chrome on the PATH")
    with sync_playwright() as engine, engine.chromium.launch(executable_path=found, args=["--no-sandbox"]) as opened:
        yield opened
