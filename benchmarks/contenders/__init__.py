"""What is measured side by side, one file each, each imported in a process of its own."""
