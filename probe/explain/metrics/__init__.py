"""How faithful explanations are to the network: measures that ask the network again, with other inputs or weights."""
