"""The typed client and the broker for what servers ask of a human."""
