"""`WWW-Authenticate` as servers write it (RFC 9110 section 11.6.1, RFC 9728 section 5.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireglass.auth.challenges import bearer_challenge, challenges, wants_password


def test_parameters_may_be_quoted_or_plain_in_any_order() -> None:
    header = 'Bearer scope="a  b a", error=invalid_token, resource_metadata="https://h/.well-known/x"'
    found = bearer_challenge([header])
    assert found is not None
    assert (found.scopes, found.error, found.resource_metadata) == (
        ("a", "b"),
        "invalid_token",
        "https://h/.well-known/x",
    )


def test_several_challenges_in_one_header_are_told_apart() -> None:
    found = challenges(['Negotiate abc==, Basic realm="a, b", bearer Error="x"', "Digest qop=auth"])
    assert [one.scheme for one in found] == ["Negotiate", "Basic", "bearer", "Digest"]
    assert found[1].params == {"realm": "a, b"}
    assert found[2].params == {"error": "x"}


def test_dpop_comes_before_bearer_and_takes_over_what_only_bearer_says() -> None:
    found = bearer_challenge(['Bearer resource_metadata="https://h/x", scope="a"', 'DPoP algs="ES256"'])
    assert found is not None
    assert (found.scheme, found.resource_metadata, found.scopes) == ("DPoP", "https://h/x", ("a",))


def test_quotes_are_unescaped() -> None:
    found = bearer_challenge([r'Bearer error_description="say \"please\""'])
    assert found is not None
    assert found.params["error_description"] == 'say "please"'


@pytest.mark.parametrize("header", ["", "Basic realm=x", ",,,", '"', "=", 'Bearer2 x="'])
def test_what_is_no_bearer_challenge_is_none(header: str) -> None:
    assert bearer_challenge([header]) is None


@given(st.text(max_size=200))
def test_nothing_that_a_server_writes_breaks_it(header: str) -> None:
    challenges([header])


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        (["Basic realm=x"], True),
        (['Negotiate, basic realm="a, Bearer b"'], True),
        (["Basic realm=x", 'Bearer resource_metadata="https://a.example"'], False),
        (["DPoP, Basic"], False),
        (["Negotiate"], False),
        ([], False),
    ],
)
def test_a_password_is_wanted_where_no_token_would_do(headers: list[str], wanted: bool) -> None:
    """RFC 7617."""
    assert wants_password(headers) is wanted
