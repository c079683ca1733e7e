"""From a server file to a running child process."""
