"""The states of a server in the words of a person. Shared by the shell and the views."""

__all__ = ["STATE_WORDS"]

STATE_WORDS = {
    "idle": "not connected",
    "connecting": "connecting",
    "ready": "connected",
    "failed": "could not connect",
    "crashed": "stopped",
    "closed": "disconnected",
    "recorded": "recorded",
}
