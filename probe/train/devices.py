"""The devices among which the streams of a batch are divided.

They are GPUs, or where there is no GPU logical devices of the CPU, which are for trying out: they share its cores.
"""

from contextlib import suppress

from probe.errors import UserError
from probe.model.engine import tf


def strategy_of(devices: int) -> tf.distribute.Strategy:
    """Return the strategy that keeps the same weights on each of ``devices`` devices, and updates them alike.

    Logical CPU devices are made if TensorFlow has not computed anything yet; those of an earlier call serve again.

    Raises:
        UserError: more devices than there are GPUs, or TensorFlow has started with fewer logical CPU devices.
    """
    if devices == 1:
        return tf.distribute.get_strategy()
    gpus = tf.config.list_physical_devices("GPU")
    if gpus and len(gpus) < devices:
        raise UserError(f"--devices must be at most the GPUs of this machine, {len(gpus)}; received {devices}")
    if gpus:
        return tf.distribute.MirroredStrategy([f"GPU:{number}" for number in range(devices)])
    cpu = tf.config.list_physical_devices("CPU")[0]
    with suppress(RuntimeError):  # it has started; whether with enough of them is looked at below
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * devices)
    started = len(tf.config.list_logical_devices("CPU"))
    if started < devices:
        raise UserError(f"--devices {devices} needs as many logical CPU devices, and TensorFlow has already started in "
                        f"this process with {started}; train before anything else, or in a process of its own")
    # Said outright: by default it warns that it does not sum as between GPUs.
    return tf.distribute.MirroredStrategy([f"CPU:{number}" for number in range(devices)],
                                          tf.distribute.ReductionToOneDevice())


def device_name(strategy: tf.distribute.Strategy) -> str:
    """Return what the devices of ``strategy`` are called, for example ``"CPU"`` or ``"2 × NVIDIA A100"``."""
    count, gpus = strategy.num_replicas_in_sync, tf.config.list_physical_devices("GPU")
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU") if gpus else "CPU"
    return name if count == 1 else f"{count} × {name}"
