"""Records are data classes to whoever uses them."""

import copy
import dataclasses
import inspect
import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from wireglass.records import field, record


@record
class Plain:
    """Two of one kind."""

    name: str
    size: int = 3
    parts: list[str] = field(default_factory=list[str])


@record(frozen=True)
class Frozen:
    name: str
    cache: dict[str, int] = field(default_factory=dict[str, int], compare=False, repr=False)


@record(frozen=True, kw_only=True)
class Named:
    first: int = 0
    second: str

    @property
    def both(self) -> str:
        return f"{self.first} {self.second}"


@record(eq=False)
class Same:
    name: str


@dataclasses.dataclass(slots=True)
class Standard:
    name: str
    size: int = 3
    parts: list[str] = dataclasses.field(default_factory=list[str])


def test_arguments_defaults_and_factories() -> None:
    one, other = Plain("a"), Plain("a", 4, ["x"])
    assert (one.name, one.size, one.parts) == ("a", 3, [])
    assert (other.size, other.parts) == (4, ["x"])
    assert Plain("b").parts is not one.parts
    assert Plain.__doc__ == "Two of one kind."
    with pytest.raises(TypeError, match=r"Plain\.__init__\(\) missing 1 required positional argument: 'name'"):
        Plain()  # type: ignore[call-arg]  # what is tested
    assert list(inspect.signature(Plain).parameters) == ["name", "size", "parts"]


def test_they_are_written_and_compared_as_data_classes_are() -> None:
    assert repr(Plain("a", parts=["b"])) == repr(Standard("a", parts=["b"])).replace("Standard", "Plain")
    assert Plain("a") == Plain("a")
    assert Plain("a") != Plain("b")
    assert Plain("a") != Standard("a")
    assert Frozen("a", {"x": 1}) == Frozen("a", {})
    assert hash(Frozen("a", {"x": 1})) == hash(Frozen("a"))
    assert repr(Frozen("a")) == "Frozen(name='a')"
    assert Same("a") != Same("a")
    assert len({Same("a"), Same("a")}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(Plain("a"))


def test_slots_hold_nothing_else_and_frozen_ones_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Plain("a").other = 1  # type: ignore[attr-defined]  # what is tested
    frozen = Frozen("a")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'name'"):
        frozen.name = "b"  # type: ignore[misc]  # what is tested
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'name'"):
        del frozen.name


def test_keyword_only_ones_take_no_positions() -> None:
    assert Named(second="b").both == "0 b"
    with pytest.raises(TypeError):
        Named(1, "b")  # type: ignore[misc]  # what is tested
    assert Named.__match_args__ == ()


def test_they_match_patterns() -> None:
    match Plain("a", 5):
        case Plain(name, size):
            assert (name, size) == ("a", 5)
        case _:
            raise AssertionError


@pytest.mark.parametrize("one", [Plain("a", 4, ["b"]), Frozen("a", {"c": 1}), Named(first=1, second="b")])
def test_they_are_copied_pickled_and_taken_apart(one: Any) -> None:
    assert copy.deepcopy(one) == one
    assert copy.copy(one) == one
    assert pickle.loads(pickle.dumps(one)) == one
    assert dataclasses.is_dataclass(one)
    names = [each.name for each in dataclasses.fields(one)]
    assert dataclasses.asdict(one) == {name: getattr(one, name) for name in names}
    assert dataclasses.replace(one) == one


def test_replace_changes_what_it_is_told() -> None:
    assert dataclasses.replace(Plain("a", 4), size=5) == Plain("a", 5)
    assert dataclasses.replace(Named(second="b"), first=7) == Named(first=7, second="b")


def test_a_field_without_a_default_does_not_follow_one_with() -> None:
    with pytest.raises(TypeError, match="non-default argument 'second' follows default argument 'first'"):

        @record
        class Wrong:
            first: int = 1
            second: int
