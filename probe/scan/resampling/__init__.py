"""How far a score would wander on other text of its kind: blocks of the text, drawn anew."""
