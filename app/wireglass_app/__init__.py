"""The Wireglass desktop workbench."""
