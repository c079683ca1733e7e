"""Viewers for what servers send."""
