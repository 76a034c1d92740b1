"""Which output a network finds likeliest: greedily, or by a beam of prefixes."""

from collections.abc import Callable

import numpy as np
from scipy.special import log_softmax

from probe.attention.translator.network import TranslatorNetwork, in_few_sizes
from probe.attention.translator.symbols import BOUNDARY, LONGEST, PADDING, TARGETS
from probe.errors import UserError
from probe.model.engine import tf

# (ids (N, 1), h (N, U), c (N, U), values (N, S, 2U), keys (N, S, A), mask (N, S)) → logits (N, 13), h and c after.
Advance = Callable[..., tuple[tf.Tensor, tf.Tensor, tf.Tensor]]


class Decoder:
    """A network that writes.

    Args:
        network: whose output is sought.
    """

    def __init__(self, network: TranslatorNetwork) -> None:
        self._network = network
        self._encode = tf.function(network.encoded, input_signature=[tf.TensorSpec((None, None), tf.int32)],
                                   autograph=False)
        ids, state = tf.TensorSpec((None, 1), tf.int32), tf.TensorSpec((None, network.units))
        values, keys = (tf.TensorSpec((None, None, network.model.get_layer(name).output.shape[-1]))
                        for name in ("encoder", "key"))
        self._advance: Advance = tf.function(
            self._next, input_signature=[ids, state, state, values, keys, tf.TensorSpec((None, None), tf.bool)],
            autograph=False)

    def outputs(self, source: np.ndarray, beams: int = 1) -> list[list[tuple[int, ...]]]:
        """Return the likeliest outputs of each row, the best first, as target ids that end with the boundary.

        With one beam, each character is the likeliest after those before it. With more, so many of the likeliest
        prefixes are kept at each step; with as many as there are outputs the search is exact.

        Args:
            source: (B, S) int32 ids, padded at the right; at least one row.
            beams: prefixes kept, at least 1.

        Returns:
            For each row at most ``beams`` outputs, at least one; none has more than 10 characters.

        Raises:
            UserError: ``beams`` is below 1.
        """
        if beams < 1:
            raise UserError(f"--beams must be at least 1; received {beams}")
        asked, source = len(source), in_few_sizes(source)
        rows = len(source)
        encoded = [tf.repeat(each, beams, axis=0) for each in self._encode(tf.constant(source))]
        h = c = self._network.zero_state(rows * beams)
        last = np.full((rows, beams), BOUNDARY)
        likelihood = np.full((rows, beams), -np.inf)  # of each living prefix; at first there is one, the empty one
        likelihood[:, 0] = 0
        prefixes: list[list[tuple[int, ...]]] = [[()] * beams for _ in range(rows)]
        ended: list[list[tuple[float, tuple[int, ...]]]] = [[] for _ in range(rows)]
        for step in range(LONGEST):
            logits, h, c = self._advance(tf.constant(last.reshape(-1, 1), tf.int32), h, c, *encoded)
            after = log_softmax(np.asarray(logits, np.float64), axis=-1).reshape(rows, beams, TARGETS)
            after[:, :, PADDING] = -np.inf
            if step == LONGEST - 1:
                after[:, :, np.arange(TARGETS) != BOUNDARY] = -np.inf
            joint = (likelihood[:, :, np.newaxis] + after).reshape(rows, -1)
            order = np.argsort(-joint, axis=1, kind="stable")[:, :beams]
            likelihood = np.take_along_axis(joint, order, axis=1)
            parents, last = np.divmod(order, TARGETS)
            prefixes = [[(*before[parent], int(symbol)) for parent, symbol in zip(*each, strict=True)]
                        for before, *each in zip(prefixes, parents, last, strict=True)]
            for row in range(rows):
                for beam in np.flatnonzero((last[row] == BOUNDARY) & np.isfinite(likelihood[row])):
                    ended[row].append((float(likelihood[row, beam]), prefixes[row][beam]))
                    likelihood[row, beam] = -np.inf
            if not np.isfinite(likelihood).any() or all(map(_settled, ended, likelihood)):
                break
            places = (np.arange(rows)[:, np.newaxis] * beams + parents).ravel()
            h, c = tf.gather(h, places), tf.gather(c, places)
        return [[output for _, output in sorted(each, reverse=True)[:beams]] for each in ended[:asked]]

    def _next(self, ids: tf.Tensor, h: tf.Tensor, c: tf.Tensor, *encoded: tf.Tensor,
              ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        asking, h, c = self._network.asked(ids, h, c)
        logits, _ = self._network.answered(asking, encoded)
        return logits[:, 0], h, c


def _settled(ended: list[tuple[float, tuple[int, ...]]], living: np.ndarray) -> bool:
    """Whether as many outputs have ended as there are beams, and no living prefix can become likelier than these."""
    best = sorted((likelihood for likelihood, _ in ended), reverse=True)[:len(living)]
    return len(best) == len(living) and best[-1] >= living.max()
