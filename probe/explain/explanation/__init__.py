"""What is looked at: one explanation or several, as data and in every view."""
