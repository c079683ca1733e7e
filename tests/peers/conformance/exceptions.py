"""Scenarios that we do not pass, each with its reason. A scenario here that begins to pass fails the tests: the line
must go then. Names are those of the suites; a release is a key of `driver.SUITES`."""

__all__ = ["CLIENT_FAILS", "NOT_APPLICABLE", "SERVER_FAILS"]

SERVER_FAILS: dict[str, str] = {}

NOT_APPLICABLE: dict[str, str] = {
    "tasks-status-notifications": "0.2.0-alpha.12 skips it itself: its harness reads a channel that no longer exists",
}
"""Server scenarios in which nothing was checked. Anything else without a passed check is a failure."""

CLIENT_FAILS: dict[tuple[str, str], str] = {
    ("0.1", "auth/2025-03-26-oauth-metadata-backcompat"): (
        "0.1.16 serves the document at <origin>/.well-known/oauth-authorization-server and says in it that the issuer "
        "is <origin>/oauth. RFC 8414 section 3.3 forbids to use it: the issuer must be the identifier that the address "
        "was made from, which is <origin>. 0.2.0-alpha.12 has corrected its own server (issuer <origin>), and the same "
        "client passes there"
    ),
}
"""By release and name."""
