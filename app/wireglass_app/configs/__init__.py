"""The parts of the Client configs view: the matrix, the entry, the difference."""
