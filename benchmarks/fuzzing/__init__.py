"""What `benchmarks/fuzz.py` is made of: samples of every kind of file, changes to them, processes that open them."""
