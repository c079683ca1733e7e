"""Host applications and their configuration files."""
