"""The names of what can be recorded of a layer."""

# h, c, and the gates i, f, g, o of an LSTM; of these a GRU and a simple recurrent layer have the first.
SIGNALS = ("hidden", "cell", "input_gate", "forget_gate", "candidate", "output_gate")

# Those of them that let something pass, to a share from 0 to 1.
GATES = ("input_gate", "forget_gate", "output_gate")

# What a layer that is not recurrent gives on.
OUTPUT = "output"
