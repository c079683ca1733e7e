"""The views of the workbench."""
