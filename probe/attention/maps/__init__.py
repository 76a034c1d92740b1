"""Maps of attention: checked, looked at, and taken from any Keras model."""
