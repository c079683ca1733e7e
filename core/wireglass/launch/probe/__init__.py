"""Scripts that run inside a user's own interpreter: standard library only, any Python that the user may have."""
