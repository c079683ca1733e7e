"""The parts of the Tools view that are neither its list, its form nor its result."""
