"""What was agreed to stays agreed to; what changed asks again."""

from dataclasses import replace
from pathlib import Path

import pytest

from wireglass.launch.run import ChildCommand
from wireglass.launch.trust import TrustStore, trust_request


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    return TrustStore(tmp_path / "data" / "trust.json")


@pytest.fixture
def child(tmp_path: Path) -> ChildCommand:
    return ChildCommand("/p/python", ("server.py",), {"PATH": "/bin", "API_KEY": "secret"}, tmp_path)


def test_nothing_is_trusted_at_first(store: TrustStore, child: ChildCommand) -> None:
    assert store.why_ask(trust_request(child)) == "This folder is not trusted yet."


def test_an_agreement_outlives_the_process_and_holds_no_value(store: TrustStore, child: ChildCommand) -> None:
    store.agree(trust_request(child))
    assert not TrustStore(store.path).why_ask(trust_request(child))
    assert "secret" not in store.path.read_text()


def test_a_changed_interpreter_command_or_variable_asks_again(store: TrustStore, child: ChildCommand) -> None:
    request = replace(trust_request(child), target="server.py")
    store.agree(request)
    assert "interpreter" in store.why_ask(replace(request, command=("/q/python", "server.py")))
    assert "command" in store.why_ask(replace(request, command=("/p/python", "server.py", "--all")))
    assert "TOKEN" in store.why_ask(replace(request, variables=(*request.variables, "TOKEN")))
    assert "API_KEY" in store.why_ask(replace(request, variables=()))


def test_the_value_of_a_variable_that_loads_code_counts(store: TrustStore, child: ChildCommand) -> None:
    store.agree(trust_request(replace(child, env={"LD_PRELOAD": "/a.so"})))
    assert store.why_ask(trust_request(replace(child, env={"LD_PRELOAD": "/b.so"})))


def test_which_safe_variables_are_set_does_not_matter(store: TrustStore, child: ChildCommand) -> None:
    store.agree(trust_request(child))
    assert not store.why_ask(trust_request(replace(child, env={"API_KEY": "other"})))


def test_a_new_agreement_replaces_the_old_one(store: TrustStore, child: ChildCommand) -> None:
    request = replace(trust_request(child), target="server.py")
    store.agree(request)
    store.agree(replace(request, command=("/q/python", "server.py")))
    assert [a.command[0] for a in store.agreements()] == ["/q/python"]


def test_trust_can_be_revoked(store: TrustStore, child: ChildCommand, tmp_path: Path) -> None:
    store.agree(trust_request(child))
    assert store.revoke(tmp_path) == 1
    assert store.agreements() == ()
    assert store.revoke(tmp_path) == 0


def test_a_torn_file_agrees_to_nothing(store: TrustStore, child: ChildCommand) -> None:
    store.path.parent.mkdir()
    store.path.write_text('{"version": 1, "agreem')
    assert store.why_ask(trust_request(child))
    store.agree(trust_request(child))
    assert not store.why_ask(trust_request(child))
    assert [p.name for p in store.path.parent.iterdir()] == ["trust.json"]
