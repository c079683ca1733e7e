"""Questions of servers: how each kind is shown and answered. Never modal, never takes the focus."""
