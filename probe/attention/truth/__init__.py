"""Whether a translator of dates is right, knows when it is not, and reads what its attention says that it reads."""
