"""How LRP and DeepLIFT go back through each family of layers, in float64 and without a gradient."""
