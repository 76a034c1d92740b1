"""Weaker explanations that a finding must beat, and what is tried beside the tests."""
