"""The parts of the Settings page: one module a group of cards, one list of everything that can be set."""
