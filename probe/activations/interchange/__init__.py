"""Activations that come from other tools, and go to them."""
