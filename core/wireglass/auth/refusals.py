"""What a server's refusal means, in sentences for people. Pure."""

from wireglass.auth.addresses import covers
from wireglass.auth.challenges import Challenge
from wireglass.auth.token_facts import audience_of
from wireglass.auth.tokens import Token
from wireglass.errors import SignInError

__all__ = ["challenge_words", "not_enough", "refusal"]


def challenge_words(challenge: Challenge | None, *, insufficient: bool) -> str:
    """Why a sign-in begins."""
    if insufficient:
        return f"403: it wants {' '.join(challenge.scopes) or 'a further scope'}" if challenge else "403"
    if challenge is None:
        return "401 without saying how"
    known = "with resource metadata" if challenge.resource_metadata else "without resource metadata"
    return f"401 {known}"


def refusal(token: Token | None, server_url: str, challenge: Challenge | None) -> SignInError:
    """A fresh token was refused. Says for whom it is, if it tells."""
    audience = audience_of(token.access_token) if token is not None else ()
    if token is not None and audience and not any(covers(one, server_url) for one in audience):
        return SignInError(
            "token",
            f"The token is for another server. Audience is {', '.join(audience)}, this server is {token.resource}.",
            next_step="Sign in again; if it stays so, the authorization server ignores `resource`.",
        )
    words = challenge.params.get("error_description", "")[:400].rstrip(".") if challenge is not None else ""
    return SignInError(
        "token",
        f"The server refuses the token that it asked for{f': {words}' if words else ''}.",
        next_step="Look at the server's log: it says why the token does not please.",
        code=challenge.error if challenge is not None else "",
    )


def not_enough(challenge: Challenge) -> SignInError:
    """Permission was asked for often enough."""
    return SignInError(
        "token",
        f"The server still wants more: {' '.join(challenge.scopes) or 'it does not say which scope'}.",
        next_step="Permission for it was asked for and did not help. Ask whoever runs the server.",
    )
