"""What `benchmarks/scale.py` is made of: texts of any size, the commands that are measured on them, and how."""
