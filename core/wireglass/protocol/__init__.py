"""The Model Context Protocol without I/O: text in, events and text out."""
