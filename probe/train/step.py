"""One update of the weights."""

import math
from collections.abc import Callable

from probe.model.char_lstm import CharLSTM, cut, stacked_states, unstacked_states
from probe.model.engine import CORES, keras, tf
from probe.model.kernels.machine import this_machine
from probe.train.plan import check_precision

# (ids (B, T), targets (B, K), states (L, 2, B, U), dropout seed (2,)) → (loss in nats, states (L, 2, B, U)).
TrainStep = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]

# Numbers in the gates (T, B, 4U) of a layer that may be in a device's memory at once: 256 MB, of which a layer needs a
# few.
LARGEST = 1 << 26


def make_optimizer(model: keras.Model, clip: float) -> keras.optimizers.Optimizer:
    """Return a built Adam (Kingma and Ba 2015) whose variables can be saved and loaded at once.

    Args:
        model: what it updates, made under the same strategy.
        clip: largest norm of the whole gradient, or 0.
    """
    optimizer = keras.optimizers.Adam(1.0, global_clipnorm=clip or None)
    optimizer.build(model.trainable_variables)
    return optimizer


def chosen_precision(precision: str, kernel: str, units: int) -> str:
    """Return what ``"auto"`` is here: bfloat16 if ``units`` units are computed by instructions for it, else
    float32.

    Raises:
        UserError: bfloat16 with another kernel than fused, or an odd number of units.
    """
    check_precision(precision, kernel, units)
    if precision != "auto":
        return precision
    fast = kernel == "fused" and this_machine().multiplies_bfloat16 and units % 2 == 0
    return "bfloat16" if fast else "float32"


def parts_at_once(model: CharLSTM, batch: int, devices: int) -> int:
    """Return in how many parts, each on a core of its own, a device reads its share of ``batch`` streams."""
    return len(model.parts(math.ceil(batch / devices), max(1, CORES // devices)))


def make_step(model: CharLSTM, optimizer: keras.optimizers.Optimizer, batch: int, length: int, *,
              precision: str = "float32", largest: int = LARGEST, strategy: tf.distribute.Strategy | None = None,
              ) -> TrainStep:
    """Return the compiled update of ``model`` by ``optimizer``; it changes both and nothing else.

    The batch is divided among the devices and read there in parts, on every core one at a time, whose gradients are
    added: what is updated depends on the devices and parts by rounding alone, and by the masks of dropout, which are
    drawn from the seed for each part.

    Args:
        model, optimizer: what is updated.
        batch, length: streams or windows B, and characters T of each.
        precision: of the operands of the LSTMs' matrix products, ``"auto"``, ``"float32"`` or ``"bfloat16"``; weights,
            their gradients' sums, cell states and the loss are float32.
        largest: numbers in a layer's gates on a device above which there are more parts than cores: the same update in
            less memory.
        strategy: under which model and optimizer were made, with at most ``batch`` devices; None for one device.

    Raises:
        UserError: bfloat16 with another kernel than fused, or an odd number of units.
    """
    strategy = strategy or tf.distribute.get_strategy()
    dtype = tf.dtypes.as_dtype(chosen_precision(precision, model.kernel_name, model.options.units))
    devices = strategy.num_replicas_in_sync
    shares, most = cut(batch, devices), math.ceil(batch / devices)
    at_once = parts_at_once(model, batch, devices)
    count = at_once * math.ceil(most / max(at_once, largest // (length * 4 * model.options.units)))

    def device_gradients(ids: tf.Tensor, targets: tf.Tensor, states: tf.Tensor, seed: tf.Tensor, share: int,
                         predictions: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor]]:
        """→ loss and states of the share that this device reads, and the clipped gradient of the whole batch."""
        variables = model.trainable_variables
        losses: list[tf.Tensor] = []
        after: list[tf.Tensor] = []
        gradients: list[list[tf.Tensor]] = []
        for number, part in enumerate(cut(ids.shape[0], count)):
            before = gradients[number - at_once] if number >= at_once else []
            with tf.control_dependencies(before), tf.GradientTape() as tape:
                part_seed = tf.random.experimental.stateless_fold_in(seed, share * count + number)
                reading = model.read_part(ids[part], unstacked_states(states[:, :, part]), part_seed, dtype)
                loss = tf.reduce_sum(model.losses(reading, targets[part])) / predictions
            gradients.append(tape.gradient(loss, variables))
            losses.append(loss)
            after.append(stacked_states(reading.states))
        summed = [tf.add_n(each) for each in zip(*gradients, strict=True)]
        summed = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, summed)
        if optimizer.global_clipnorm:
            summed, _ = tf.clip_by_global_norm(summed, optimizer.global_clipnorm)
        return tf.add_n(losses), tf.concat(after, axis=2), summed

    def update(variable: tf.Variable, gradient: tf.Tensor) -> None:
        optimizer.update_step(gradient, variable, optimizer.learning_rate)

    @tf.function(autograph=False)
    def step(ids: tf.Tensor, targets: tf.Tensor, states: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        predictions = tf.cast(tf.size(targets), tf.float32)

        def share_of(device: tf.distribute.experimental.ValueContext) -> tuple[tf.Tensor | int, ...]:
            number = device.replica_id_in_sync_group
            share = shares[number]
            return ids[share], targets[share], states[:, :, share], seed, number, predictions

        given = strategy.experimental_distribute_values_from_function(share_of)
        losses, after, gradients = strategy.run(device_gradients, given)
        # Keras' own apply_gradients would clip what each device found before adding it up.
        for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
            strategy.extended.update(variable.value, update, (gradient,))
        optimizer.iterations.assign_add(1)
        return (tf.add_n(strategy.experimental_local_results(losses)),
                tf.concat(strategy.experimental_local_results(after), axis=2))

    return step
