"""Rows and indices behind the views: Qt data models and what they are made of, no widgets."""
