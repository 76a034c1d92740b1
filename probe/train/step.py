"""One update of the weights."""

from collections.abc import Callable

from probe.model.char_lstm import CharLSTM, stacked_states, unstacked_states
from probe.model.engine import keras, tf

# (ids (B, T), targets (B, K), states (L, 2, B, U), dropout seed (2,)) → (loss in nats, states (L, 2, B, U)).
TrainStep = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]

# Numbers in a layer's gates (T, B, 4U) above which a batch is read in parts: 256 MB, of which a layer needs a few.
LARGEST = 1 << 26


def make_optimizer(model: CharLSTM, clip: float) -> keras.optimizers.Optimizer:
    """Return a built Adam (Kingma and Ba 2015) whose variables can be saved and loaded at once."""
    optimizer = keras.optimizers.Adam(1.0, global_clipnorm=clip or None)
    optimizer.build(model.trainable_variables)
    return optimizer


def make_step(model: CharLSTM, optimizer: keras.optimizers.Optimizer, batch: int, length: int, *,
              largest: int = LARGEST) -> TrainStep:
    """Return the compiled update of ``model`` by ``optimizer``; it changes both and nothing else.

    Args:
        model, optimizer: what is updated.
        batch, length: streams or windows B, and characters T of each.
        largest: numbers in a layer's gates above which the batch is read in parts, one after the other, whose gradients
            are added: the same update in less memory.
    """
    size = max(1, min(batch, largest // (length * 4 * model.options.units)))
    parts = [slice(start, min(start + size, batch)) for start in range(0, batch, size)]

    @tf.function(autograph=False)
    def step(ids: tf.Tensor, targets: tf.Tensor, states: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        variables = model.trainable_variables
        predictions = tf.cast(tf.size(targets), tf.float32)
        losses: list[tf.Tensor] = []
        after: list[tf.Tensor] = []
        gradients: list[list[tf.Tensor]] = []
        for number, part in enumerate(parts):
            with tf.control_dependencies(losses), tf.GradientTape() as tape:
                reading = model.read(ids[part], unstacked_states(states[:, :, part]),
                                     dropout_seed=tf.random.experimental.stateless_fold_in(seed, number))
                loss = tf.reduce_sum(model.losses(reading, targets[part])) / predictions
            gradients.append(tape.gradient(loss, variables))
            losses.append(loss)
            after.append(stacked_states(reading.states))
        summed = [tf.add_n(each) for each in zip(*gradients, strict=True)]
        optimizer.apply_gradients(zip(summed, variables, strict=True))
        return tf.add_n(losses), tf.concat(after, axis=2)

    return step
