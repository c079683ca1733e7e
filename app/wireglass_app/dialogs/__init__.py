"""The few dialogs: connect and trust. Everything else is answered in place."""
