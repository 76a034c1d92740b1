"""Whether TensorFlow's functions are compiled: for a single use that costs far more than what they compute."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def eager() -> Iterator[None]:
    """Run the steps of functions one by one and on one core, in all tests of a module that come after.

    Each core that takes a share of the rows runs all steps: that answers are the same is seen where they are compiled.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("probe.explain.question.question.CORES", 1)
        yield from _running(eagerly=True)


@pytest.fixture
def compiled() -> Iterator[None]:
    """Compile functions again in one test of such a module, as outside tests."""
    yield from _running(eagerly=False)


def _running(*, eagerly: bool) -> Iterator[None]:
    from probe.model.engine import tf  # which tests of texts do without

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(eagerly)
    yield
    tf.config.run_functions_eagerly(before)
