"""Small modules that exist only so that files written for other runtimes find what they import."""
