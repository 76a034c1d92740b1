"""Weights kept by a scan on request, and the page that runs them."""

from pathlib import Path

import numpy as np
import pytest

from probe.cli.main import main
from probe.model import Run
from probe.scan import Findings
from tests.cli.tiny import SMALL

QUICK = ["--patterns", "inside_quotes", "--top", "1", "--twins", "0", "--rolls", "0", "--ablated", "0", "--probes", "0"]


@pytest.fixture(scope="module")
def run(text, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "fox"
    assert main(["train", str(text), "--run", str(folder), "--steps", "20", *SMALL]) == 0
    return folder


def test_a_scan_keeps_the_weights_that_it_read_with_and_the_page_holds_them(run, tmp_path, capsys):
    kept = tmp_path / "kept"
    assert main(["scan", str(run), *QUICK, "--checkpoint", "10", "--live", "--out", str(kept)]) == 0
    network, opened = Findings.load(kept).network, Run.open(run)
    assert "".join(network.characters) == "".join(opened.corpus.vocabulary.characters)
    assert (network.layers, network.gate, network.unknown) == (("1",), "sigmoid", opened.corpus.vocabulary.unknown)
    weights = opened.checkpoint(10).weights
    for ours, theirs in (("1/kernel", "lstm_1/kernel"), ("1/recurrent_kernel", "lstm_1/recurrent_kernel"),
                         ("1/bias", "lstm_1/bias"), ("output/kernel", "dense/kernel"), ("output/bias", "dense/bias")):
        np.testing.assert_array_equal(network.arrays[ours], weights[theirs])
    page = tmp_path / "page.html"
    assert main(["gallery", str(kept), "--live", "--out", str(page)]) == 0
    assert "LiveNetwork" in page.read_text("utf-8")
    capsys.readouterr()


def test_weights_are_not_kept_unasked_and_a_live_page_is_then_refused(run, tmp_path, capsys):
    kept = tmp_path / "kept"
    assert main(["scan", str(run), *QUICK, "--out", str(kept)]) == 0
    assert Findings.load(kept).network is None
    capsys.readouterr()
    assert main(["gallery", str(kept), "--live", "--out", str(tmp_path / "page.html")]) == 1
    assert "'probe scan RUN --live' keeps it" in capsys.readouterr().err
    assert not (tmp_path / "page.html").exists()


def test_what_cannot_be_live_is_told_before_the_scan(run, tmp_path, capsys):
    assert main(["scan", str(run), *QUICK, "--live", "--windowed", "20"]) == 1
    assert "--live reads on from character to character" in capsys.readouterr().err
    store = tmp_path / "acts"
    assert main(["extract", str(run), "--out", str(store), "--to", "500"]) == 0
    assert main(["scan", str(store), *QUICK, "--live"]) == 1
    assert "--live is for runs" in capsys.readouterr().err
