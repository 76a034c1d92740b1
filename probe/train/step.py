"""One update of the weights."""

import math
from collections.abc import Callable

from probe.errors import UserError
from probe.model.char_lstm import CharLSTM, stacked_states, unstacked_states
from probe.model.engine import keras, tf

# (ids (B, T), targets (B, K), states (L, 2, B, U), dropout seed (2,)) → (loss in nats, states (L, 2, B, U)).
TrainStep = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]

# Numbers in the gates (T, B, 4U) of a layer that may be in memory at once: 256 MB, of which a layer needs a few.
LARGEST = 1 << 26


def make_optimizer(model: CharLSTM, clip: float) -> keras.optimizers.Optimizer:
    """Return a built Adam (Kingma and Ba 2015) whose variables can be saved and loaded at once."""
    optimizer = keras.optimizers.Adam(1.0, global_clipnorm=clip or None)
    optimizer.build(model.trainable_variables)
    return optimizer


def make_step(model: CharLSTM, optimizer: keras.optimizers.Optimizer, batch: int, length: int, *,
              precision: str = "float32", largest: int = LARGEST) -> TrainStep:
    """Return the compiled update of ``model`` by ``optimizer``; it changes both and nothing else.

    The batch is read in parts, on every core one at a time, whose gradients are added.

    Args:
        model, optimizer: what is updated.
        batch, length: streams or windows B, and characters T of each.
        precision: of the operands of the LSTMs' matrix products, ``"float32"`` or ``"bfloat16"``; weights, their
            gradients' sums, cell states and the loss are float32.
        largest: numbers in a layer's gates above which there are more parts than cores: the same update in less memory.

    Raises:
        UserError: another precision than float32 with another kernel than fused.
    """
    if precision != "float32" and model.kernel_name != "fused":
        raise UserError(f"--precision {precision} is computed by the fused kernel alone, and this is "
                        f"{model.kernel_name}; give --kernel fused, or --precision float32")
    dtype = tf.dtypes.as_dtype(precision)
    at_once = len(model.parts(batch))
    parts = _cut(batch, at_once, largest // (length * 4 * model.options.units))

    @tf.function(autograph=False)
    def step(ids: tf.Tensor, targets: tf.Tensor, states: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        variables = model.trainable_variables
        predictions = tf.cast(tf.size(targets), tf.float32)
        losses: list[tf.Tensor] = []
        after: list[tf.Tensor] = []
        gradients: list[list[tf.Tensor]] = []
        for number, part in enumerate(parts):
            before = gradients[number - at_once] if number >= at_once else []
            with tf.control_dependencies(before), tf.GradientTape() as tape:
                reading = model.read_part(ids[part], unstacked_states(states[:, :, part]),
                                          tf.random.experimental.stateless_fold_in(seed, number), dtype)
                loss = tf.reduce_sum(model.losses(reading, targets[part])) / predictions
            gradients.append(tape.gradient(loss, variables))
            losses.append(loss)
            after.append(stacked_states(reading.states))
        summed = [tf.add_n(each) for each in zip(*gradients, strict=True)]
        optimizer.apply_gradients(zip(summed, variables, strict=True))
        return tf.add_n(losses), tf.concat(after, axis=2)

    return step


def _cut(batch: int, at_once: int, most: int) -> list[slice]:
    """Cut a batch into equal parts, a multiple of ``at_once``, so that as many together have at most ``most``."""
    rounds = math.ceil(batch / max(at_once, most))
    count = min(batch, rounds * at_once)
    return [slice(number * batch // count, (number + 1) * batch // count) for number in range(count)]
