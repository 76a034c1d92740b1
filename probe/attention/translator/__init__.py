"""The translator of dates: its network, its training, and what it answers."""
