"""The rules of the workbench: those that stay are in the settings, those "until disconnect" only in memory."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from wireglass.client.rules import Rule, rule_from
from wireglass_app.settings import Settings

__all__ = ["RuleBook"]

_KEY = "inbox.rules"


class RuleBook(QObject):
    """In order: the first rule that fits answers. Rules of one connection come before those of all."""

    changed = Signal()

    def __init__(self, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._always: list[Rule] = list(_readable(settings.get(_KEY, []) if settings is not None else []))
        self._passing: dict[str, list[Rule]] = {}
        self.used: dict[str, int] = {}
        """How often each rule has answered since the window was opened."""

    @property
    def rules(self) -> list[tuple[Rule, str]]:
        """Every rule with the connection it is for, empty for those that stay."""
        passing = [(rule, connection) for connection, rules in self._passing.items() for rule in rules]
        return [*passing, *((rule, "") for rule in self._always)]

    def for_connection(self, connection: str) -> tuple[Rule, ...]:
        """What one connection goes by."""
        return (*self._passing.get(connection, ()), *self._always)

    def find(self, name: str) -> tuple[Rule, str] | None:
        """A rule by its name."""
        return next((pair for pair in self.rules if pair[0].name == name), None)

    def add(self, rule: Rule, connection: str = "") -> Rule:
        """Puts a rule first. Its name gets a number when it is taken. "until disconnect" needs a `connection`."""
        rule = replace(rule, name=self.free_name(rule.name))
        self._home(rule, connection).insert(0, rule)
        self._told()
        return rule

    def change(self, name: str, rule: Rule, connection: str = "") -> Rule:
        """Replaces a rule; it keeps its place while its scope stays the same."""
        found = self.find(name)
        if found is None:
            return self.add(rule, connection)
        old, home = found
        connection = connection or home
        if rule.name != name:
            rule = replace(rule, name=self.free_name(rule.name))
        before, after = self._home(old, home), self._home(rule, connection)
        at = before.index(old)
        before.remove(old)
        after.insert(at if after is before else 0, rule)
        self._told()
        return rule

    def switch(self, name: str, on: bool) -> None:
        """Switches a rule on or off."""
        found = self.find(name)
        if found is not None and found[0].enabled is not on:
            self.change(name, replace(found[0], enabled=on), found[1])

    def remove(self, name: str) -> None:
        """Drops a rule."""
        found = self.find(name)
        if found is not None:
            self._home(*found).remove(found[0])
            self._told()

    def move(self, name: str, step: int) -> None:
        """Earlier (-1) or later (1) among the rules of the same scope."""
        found = self.find(name)
        if found is None:
            return
        home = self._home(*found)
        at = home.index(found[0])
        to = max(0, min(len(home) - 1, at + step))
        if to != at:
            home.insert(to, home.pop(at))
            self._told()

    def disconnected(self, connection: str) -> None:
        """Rules until disconnect end here."""
        if self._passing.pop(connection, None):
            self._told()

    def count_use(self, name: str) -> None:
        """A rule has answered. Tells nobody: thousands may come in a second."""
        self.used[name] = self.used.get(name, 0) + 1

    def free_name(self, name: str) -> str:
        """`name`, with a number when there is a rule of this name."""
        taken = {rule.name for rule, _ in self.rules}
        wanted, number = name, 2
        while wanted in taken:
            wanted, number = f"{name} {number}", number + 1
        return wanted

    def _home(self, rule: Rule, connection: str) -> list[Rule]:
        if rule.until == "disconnect" and connection:
            return self._passing.setdefault(connection, [])
        return self._always

    def _told(self) -> None:
        if self._settings is not None:
            self._settings.set(_KEY, [rule.to_json() for rule in self._always if rule.until == "always"])
        self.changed.emit()


def _readable(written: Iterable[Any]) -> Iterable[Rule]:
    """Rules that can be read; others are left out, as if they were not there."""
    for one in written:
        try:
            yield rule_from(one)
        except ValueError:
            continue
