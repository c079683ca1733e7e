"""`--auth` of the commands that take a URL: how they sign in. A secret never stands on a command line."""

import argparse
import os
from typing import Any

from wireglass.errors import LaunchError

__all__ = ["add_auth_arguments", "auth_of"]


def add_auth_arguments(parser: argparse.ArgumentParser) -> None:
    """How to sign in to a URL."""
    parser.add_argument(
        "--auth",
        metavar="HOW",
        help="for URLs: oauth (in your browser, after you agree), client-credentials, or the name of the environment "
        "variable that holds a token",
    )
    parser.add_argument("--client-id", metavar="ID", help="with --auth: a client that is registered already")
    parser.add_argument(
        "--client-secret", metavar="VARIABLE", help="with --client-id: the environment variable that holds its secret"
    )
    parser.add_argument("--scope", action="append", default=[], metavar="SCOPE", help="with --auth: ask for this one")


def auth_of(options: argparse.Namespace) -> Any:
    """What `Client(auth=...)` takes, or None. Raises LaunchError for what cannot be."""
    how: str | None = options.auth
    if how is None:
        if options.client_id or options.client_secret or options.scope:
            raise LaunchError("It is not said how to sign in.", next_step="Add --auth oauth.")
        return None
    secret = _from_environment(options.client_secret) if options.client_secret else ""
    if how == "oauth":
        from wireglass.auth.signin import OAuth

        return OAuth(scopes=options.scope, client_id=options.client_id, client_secret=secret or None)
    if how == "client-credentials":
        if not options.client_id or not secret:
            raise LaunchError(
                "Client credentials are an id and a secret.", next_step="Add --client-id ID --client-secret VARIABLE."
            )
        from wireglass.auth.machine import ClientCredentialsOAuthProvider

        return ClientCredentialsOAuthProvider(client_id=options.client_id, client_secret=secret, scopes=options.scope)
    return _from_environment(how)


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise LaunchError(
            f"The environment variable {name if name.isidentifier() else '(not a name)'} is not set.",
            next_step="--auth takes oauth, client-credentials, or the name of a variable that holds the token.",
        )
    return value
