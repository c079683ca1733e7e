"""The parts of the Overview of one server."""
