"""The size of a store, told before it is written."""

import numpy as np
import pytest

from probe.activations import StoreOptions, write_store
from probe.activations.signal import SIGNALS
from probe.activations.store import size
from probe.activations.store.contents import Contents
from probe.corpus import Segment
from probe.errors import UserError
from tests.activations.stores import FLOAT32, LENGTH
from tests.scan.recorded import Recorded


def test_what_will_not_fit_is_refused_before_anything_is_written(corpus, arrays, tmp_path, monkeypatch):
    monkeypatch.setattr(size, "free_bytes", lambda folder: 300_000_000)
    blocks = Recorded(corpus, Segment(0, 400), arrays)
    words = size.plan(blocks, tmp_path / "acts", FLOAT32)
    assert "400 characters; layer 1: hidden of 40 units; layer bi/backward: cell of 7 units; in float32: " in words
    monkeypatch.setattr(size, "free_bytes", lambda folder: size.MARGIN + 1000)
    for refused in (lambda: size.plan(blocks, tmp_path / "acts", FLOAT32),
                    lambda: write_store(blocks, tmp_path / "acts", FLOAT32, show=False)):
        with pytest.raises(UserError, match=r"acts: needs 8\d\.\d kB, and 268\.4 MB are free .* --from and --to cut"):
            refused()
    assert not (tmp_path / "acts").exists()


def test_the_size_told_is_the_size_that_is_written(corpus, arrays, tmp_path):
    chance = np.random.default_rng(0)
    wide = {("1", "hidden"): chance.normal(size=(LENGTH, 512)), ("1", "cell"): chance.normal(size=(LENGTH, 512))}
    blocks = Recorded(corpus, Segment(0, LENGTH), wide)
    told = size.store_size(Contents.of(blocks, StoreOptions()), corpus)
    write_store(blocks, tmp_path / "acts", show=False)
    written = sum(path.stat().st_size for path in (tmp_path / "acts").rglob("*") if path.is_file())
    assert written == pytest.approx(told, rel=0.04)


def test_layers_that_are_alike_are_told_once(corpus):
    def words(*sources):
        wide = {source: np.zeros((LENGTH, units)) for source, units in sources}
        return size.described(Contents.of(Recorded(corpus, Segment(0, 400), wide), FLOAT32)).split("; ", 1)[1]

    every = [((layer, signal), 5) for layer in ("1", "2") for signal in SIGNALS]
    assert words(*every) == "layers 1, 2: all signals of 5 units; in float32"
    assert words((("1", "hidden"), 5), (("2", "hidden"), 5), (("2", "cell"), 5), (("d", "output"), 1)) == (
        "layer 1: hidden of 5 units; layer 2: hidden, cell of 5 units; layer d: output of 1 unit; in float32")
    assert words((("1", "hidden"), 5), (("1", "cell"), 4)) == "layer 1: hidden of 5 units; cell of 4 units; in float32"


@pytest.mark.parametrize("rows", [1000, 1025, 2100])
def test_a_part_has_little_room_to_spare(corpus, tmp_path, rows):
    blocks = Recorded(corpus, Segment(0, rows), {("1", "hidden"): np.zeros((LENGTH, 514))})
    write_store(blocks, tmp_path / "acts", show=False)
    written = (tmp_path / "acts" / "part-000000.h5").stat().st_size
    assert written < 1.06 * rows * (514 * 2 + 4)


@pytest.mark.parametrize(("number", "shown"), [(999, "999 bytes"), (102_400_000_000, "102.4 GB"), (999_960, "1.0 MB")])
def test_sizes_are_shown_in_powers_of_a_thousand(number, shown):
    assert size.shown_bytes(number) == shown
