"""The fixed regions of the main window: header, navigation, session strip, status bar."""
