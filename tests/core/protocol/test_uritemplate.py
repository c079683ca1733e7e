"""URI templates, by RFC 6570: its own table of examples (section 3.2) and what MCP servers need on top."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireglass.protocol.uritemplate import UriTemplate, UriTemplateError

VALUES: dict[str, Any] = {
    "count": ["one", "two", "three"],
    "dom": ["example", "com"],
    "dub": "me/too",
    "hello": "Hello World!",
    "half": "50%",
    "var": "value",
    "who": "fred",
    "base": "http://example.com/home/",
    "path": "/foo/bar",
    "list": ["red", "green", "blue"],
    "keys": {"semi": ";", "dot": ".", "comma": ","},
    "v": 6,
    "x": "1024",
    "y": "768",
    "empty": "",
    "empty_keys": {},
    "undef": None,
}

EXAMPLES = """
{count} one,two,three
{count*} one,two,three
{/count} /one,two,three
{/count*} /one/two/three
{;count} ;count=one,two,three
{;count*} ;count=one;count=two;count=three
{?count} ?count=one,two,three
{?count*} ?count=one&count=two&count=three
{&count*} &count=one&count=two&count=three
{var} value
{hello} Hello%20World%21
{half} 50%25
O{empty}X OX
O{undef}X OX
{x,y} 1024,768
{x,hello,y} 1024,Hello%20World%21,768
?{x,empty} ?1024,
?{x,undef} ?1024
?{undef,y} ?768
{var:3} val
{var:30} value
{list} red,green,blue
{list*} red,green,blue
{keys} semi,%3B,dot,.,comma,%2C
{keys*} semi=%3B,dot=.,comma=%2C
{+var} value
{+hello} Hello%20World!
{+half} 50%25
{base}index http%3A%2F%2Fexample.com%2Fhome%2Findex
{+base}index http://example.com/home/index
O{+empty}X OX
O{+undef}X OX
{+path}/here /foo/bar/here
here?ref={+path} here?ref=/foo/bar
up{+path}{var}/here up/foo/barvalue/here
{+x,hello,y} 1024,Hello%20World!,768
{+path,x}/here /foo/bar,1024/here
{+path:6}/here /foo/b/here
{+list} red,green,blue
{+keys} semi,;,dot,.,comma,,
{+keys*} semi=;,dot=.,comma=,
{#var} #value
{#hello} #Hello%20World!
{#half} #50%25
foo{#empty} foo#
foo{#undef} foo
{#x,hello,y} #1024,Hello%20World!,768
{#path,x}/here #/foo/bar,1024/here
{#path:6}/here #/foo/b/here
{#keys*} #semi=;,dot=.,comma=,
{.who} .fred
{.who,who} .fred.fred
{.half,who} .50%25.fred
www{.dom*} www.example.com
X{.var:3} X.val
X{.empty} X.
X{.undef} X
X{.list} X.red,green,blue
X{.list*} X.red.green.blue
X{.keys} X.semi,%3B,dot,.,comma,%2C
X{.keys*} X.semi=%3B.dot=..comma=%2C
X{.empty_keys} X
X{.empty_keys*} X
{/who} /fred
{/who,who} /fred/fred
{/half,who} /50%25/fred
{/who,dub} /fred/me%2Ftoo
{/var,empty} /value/
{/var,undef} /value
{/var,x}/here /value/1024/here
{/var:1,var} /v/value
{/list*,path:4} /red/green/blue/%2Ffoo
{/keys*} /semi=%3B/dot=./comma=%2C
{;who} ;who=fred
{;half} ;half=50%25
{;empty} ;empty
{;v,empty,who} ;v=6;empty;who=fred
{;v,undef,who} ;v=6;who=fred
{;hello:5} ;hello=Hello
{;keys} ;keys=semi,%3B,dot,.,comma,%2C
{;keys*} ;semi=%3B;dot=.;comma=%2C
{?who} ?who=fred
{?x,y,empty} ?x=1024&y=768&empty=
{?x,y,undef} ?x=1024&y=768
{?var:3} ?var=val
{?keys*} ?semi=%3B&dot=.&comma=%2C
?fixed=yes{&x} ?fixed=yes&x=1024
{&x,y,empty} &x=1024&y=768&empty=
{&var:3} &var=val
""".strip().splitlines()


@pytest.mark.parametrize("example", EXAMPLES)
def test_expansion_is_that_of_the_rfc(example: str) -> None:
    template, _, expected = example.partition(" ")
    assert UriTemplate(template).expand(VALUES) == expected


def test_booleans_whole_floats_and_numbers_are_written_as_in_json() -> None:
    assert UriTemplate("{a,b,c}").expand({"a": True, "b": 3.0, "c": 0}) == "true,3,0"


def test_names_are_unique_and_in_order() -> None:
    assert UriTemplate("a://{x}/{y}{?x,z}").names == ("x", "y", "z")


@pytest.mark.parametrize(
    ("template", "uri", "values"),
    [
        ("user://{id}", "user://42", {"id": "42"}),
        ("user://{id}", "user://a%2Fb", {"id": "a/b"}),
        ("user://{id}", "user://a/b", None),
        ("user://{id}", "user://", None),
        ("user://{id}/x", "user://1/y", None),
        ("file:///{path*}", "file:///a/b/c.txt", {"path": "a/b/c.txt"}),
        ("repo://{owner}/{path*}/end", "repo://o/a/end/b/end", {"owner": "o", "path": "a/end/b"}),
        ("x://{+rest}", "x://a/b?c=d", {"rest": "a/b?c=d"}),
        ("x://q{?a,b}", "x://q?b=2&a=1%20", {"a": "1 ", "b": "2"}),
        ("x://q{?a,b}", "x://q", {}),
        ("x://q{?a}", "x://q?a=1&a=2", None),
        ("x://q{?a*}", "x://q?a=1&a=2", {"a": ["1", "2"]}),
        ("x://q{?a}", "x://q?zzz=1", {}),
        ("x://{a}-{b}", "x://1-2-3", {"a": "1-2", "b": "3"}),
        ("x://{a},{b}", "x://1,2", {"a": "1", "b": "2"}),
        ("x://h{/a,b}", "x://h/1/2", {"a": "1", "b": "2"}),
        ("x://h{/a*}", "x://h/1/2", {"a": ["1", "2"]}),
        ("x://h{.ext}", "x://h.json", {"ext": "json"}),
        ("x://h{.ext}", "x://h", {}),
        ("x://h{;v,w}", "x://h;v=6;w=", {"v": "6", "w": ""}),
        ("x://h{;v}", "x://h;vv=6", None),
        ("x://h{;v*}", "x://h;v=1;v=2", {"v": ["1", "2"]}),
        ("x://h{#f}", "x://h#top", {"f": "top"}),
        ("x://{a:3}", "x://abc", {"a": "abc"}),
        ("x://{a:3}", "x://abcd", None),
        ("x://{a:1}", "x://%C3%A9", {"a": "é"}),
        ("x://{a}/{a}", "x://1/1", {"a": "1"}),
        ("x://{a}/{a}", "x://1/2", None),
        ("x://naïve/{a}", "x://naïve/ü", {"a": "ü"}),
        ("x://naïve/{a}", "x://na%C3%AFve/%C3%BC", {"a": "ü"}),
        ("plain://a", "plain://a", {}),
        ("", "", {}),
    ],
)
def test_matching_finds_the_values_or_says_no(template: str, uri: str, values: dict[str, Any] | None) -> None:
    assert UriTemplate(template).match(uri) == values


@given(st.text(min_size=1), st.text(min_size=1))
def test_what_was_expanded_matches_and_gives_the_values_back(a: str, b: str) -> None:
    template = UriTemplate("x://{a}/mid/{b}{?a,b}")
    values = {"a": a.encode("utf-8", "replace").decode(), "b": b.encode("utf-8", "replace").decode()}
    assert template.match(template.expand(values)) == values


def test_many_variables_and_a_long_wrong_uri_take_no_exponential_time() -> None:
    """Our demand: templates come from servers."""
    template = UriTemplate("x://" + "".join(f"{{v{n}*}}a" for n in range(20)) + "!")
    began = time.process_time()
    assert template.match("x://" + "a" * 3000) is None
    assert time.process_time() - began < 5


@pytest.mark.parametrize("text", ["{", "a}", "{}", "{a", "{=a}", "{a b}", "{a:0}", "{a:x}", "{a,}", "{a{b}}", "{.}"])
def test_what_is_no_template_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(UriTemplateError):
        UriTemplate(text)


def test_a_template_with_too_many_expressions_is_refused() -> None:
    with pytest.raises(UriTemplateError, match="more than 100"):
        UriTemplate("{a}" * 101)
