"""The parts of the Resources view."""
