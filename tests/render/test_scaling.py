"""Scalings against scipy and their laws."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from probe.errors import UserError
from probe.render import SCALINGS, scaling_named
from probe.render.bounds import bounds_of
from probe.render.scaling import suited_scaling

VALUES = hnp.arrays(np.float32, st.integers(0, 60), elements=st.floats(-50, 50, width=32))


@pytest.mark.parametrize("scaling", SCALINGS.values(), ids=SCALINGS)
@given(values=VALUES)
def test_reaches_the_unit_interval_and_keeps_order(scaling, values):
    scaled = scaling(values)
    assert scaled.shape == values.shape
    assert scaled.dtype == np.float64
    assert ((scaled >= 0) & (scaled <= 1)).all()
    order = np.argsort(values, kind="stable")
    assert (np.diff(scaled[order]) >= 0).all()


@given(values=VALUES)
def test_agree_with_scipy(values):
    raw = values.astype(np.float64)
    np.testing.assert_allclose(SCALINGS["sigmoid"](values), scipy.special.expit(raw), rtol=0, atol=1e-15)
    np.testing.assert_allclose(SCALINGS["tanh"](values), scipy.special.expit(2 * raw), rtol=0, atol=1e-15)
    np.testing.assert_array_equal(SCALINGS["raw"](values), np.clip(raw / 2 + 0.5, 0, 1))
    if len(values):
        ranks = scipy.stats.rankdata(raw)
        np.testing.assert_allclose(SCALINGS["quantile"](values), (ranks - 0.5) / len(raw), rtol=0, atol=1e-15)


def test_stretched_uses_the_whole_range():
    np.testing.assert_allclose(SCALINGS["stretched"](np.array([-0.1, 0.0, 0.3])), [0, 0.25, 1])
    np.testing.assert_array_equal(SCALINGS["stretched"](np.array([0.2, 0.2])), [0.5, 0.5])


def test_sigmoid_of_hidden_reaches_only_the_middle_of_the_article():
    from probe.render import PALETTES

    ends = SCALINGS["sigmoid"](np.array([-1.0, 1.0]))
    assert list(PALETTES["article"].indices(ends)) == [5, 14]
    assert "0.27 to 0.73" in SCALINGS["sigmoid"].meaning


@pytest.mark.parametrize(("signal", "low", "middle", "high"), [
    ("hidden", -1, 0, 1), ("candidate", -1, 0, 1), ("cell", -1, 0, 1), ("input_gate", 0, 0.5, 1),
    ("forget_gate", 0, 0.5, 1), ("output_gate", 0, 0.5, 1),
])
def test_raw_gives_each_signal_the_whole_palette_within_its_own_bounds(signal, low, middle, high):
    raw = scaling_named("raw", bounds_of(signal))
    np.testing.assert_array_equal(raw(np.array([low, middle, high])), [0, 0.5, 1])
    assert raw.reach == (0, 1)
    assert f"{low} has the first colour, {middle} the middle, {high} the last".replace("-", "−") in raw.meaning


@pytest.mark.parametrize(("signal", "sigmoid", "tanh"), [
    ("hidden", "0.27 to 0.73", "0.12 to 0.88"), ("forget_gate", "0.50 to 0.73", "0.50 to 0.88"), ("cell", None, None),
])
def test_what_a_signal_cannot_reach_is_said(signal, sigmoid, tanh):
    for name, reached in (("sigmoid", sigmoid), ("tanh", tanh)):
        scaling = scaling_named(name, bounds_of(signal))
        bounds = bounds_of(signal)
        ends = scaling(np.array([max(bounds.low, -1e9), min(bounds.high, 1e9)]))
        np.testing.assert_allclose(scaling.reach, ends)
        assert ("reach only" in scaling.meaning) == (reached is not None)
        assert reached is None or f"reach only {reached} of" in scaling.meaning


def test_a_signal_is_suited_by_its_bounds_and_values_beyond_them_undo_them():
    suited = {signal: suited_scaling(bounds_of(signal)).name for signal in ("hidden", "cell", "forget_gate", "output")}
    assert suited == {"hidden": "raw", "cell": "tanh", "forget_gate": "raw", "output": "tanh"}
    assert suited_scaling(bounds_of("hidden", 0.0, 3.0)).name == "tanh"
    assert suited_scaling(bounds_of("hidden", -0.5, 0.3)).bounds == bounds_of("hidden")


def test_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(UserError, match=r"'log'.*sigmoid, raw"):
        scaling_named("log")
    with pytest.raises(UserError, match=r"sigmoyd'; did you mean 'sigmoid'\?"):
        scaling_named("sigmoyd")
