"""What chance alone gives: labels rolled against activations, and how rare what was found is among the rolls."""
