"""Units looked at by themselves: how their portraits are made and kept."""
