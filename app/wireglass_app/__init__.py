"""The Wireglass desktop workbench. Loads PySide6, so that the modules below it can be imported without being read."""

from wireglass_app.qt_imports import leave_sources_unread

leave_sources_unread()
