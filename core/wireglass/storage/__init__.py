"""Key-value stores and secrets."""
