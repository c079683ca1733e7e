"""Ports for servers that tests start as processes of their own."""

import random
import socket

__all__ = ["free_port"]

# Below those that Linux, macOS and Windows give to outgoing connections: one of these could take a port between the
# question and the server's start, and a connection to such a port where nobody listens can even reach itself.
_PORTS = range(20_000, 32_000)
_pick = random.SystemRandom()
_given: set[int] = set()


def free_port() -> int:
    """A port of this machine that nobody uses and that this process was not given before."""
    while True:
        port = _pick.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port
