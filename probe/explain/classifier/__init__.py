"""Networks that classify texts: how they read, what they are taught with, how they are kept."""
