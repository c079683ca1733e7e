"""Whatever comes back later belongs to what it touches: read from the sources, so that no new view forgets it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import wireglass_app

APP = Path(wireglass_app.__file__).parent

LONG_LIVED = {"workbench", "bench", "settings", "recording", "theme", "moments", "bridge", "endpoints", "rules"}
"""Parts of the application that outlive views; their signals are heard by methods, which leave with their object."""

OUTLIVE_SESSIONS = {"workbench.py", "watching.py", "opening.py"}
"""Live as long as the workbench, which owns the sessions that they hear."""

SPAWN_BY_THEMSELVES = ("session", "server", "self")
"""A `ServerSession` owns what it spawns."""


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(APP.rglob("*.py")):
        yield path, ast.parse(path.read_text())


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def names(node: ast.AST) -> list[str]:
    """`self.desk.bridge.spawn` as its parts."""
    if isinstance(node, ast.Attribute):
        return [*names(node.value), node.attr]
    if isinstance(node, ast.Call):
        return names(node.func)
    return [node.id] if isinstance(node, ast.Name) else []


def misplaced_work(path: Path, tree: ast.Module) -> Iterator[str]:
    """Tasks whose owners lack the object whose method is the work."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if names(call.func)[-1:] not in (["spawn"], ["Job"]) or not call.args or path.name == "bridge.py":
            continue
        work = call.args[0]
        works_for = ast.unparse(work.func.value) if is_method_call(work) else ""
        owners = {ast.unparse(one) for one in call.args[1:]}
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value).endswith(SPAWN_BY_THEMSELVES):
            continue
        if not owners or (works_for == "self" and not owners & {"self", "self._owner"}):
            yield f"{path.name}:{call.lineno}: {ast.unparse(call)}"


def is_method_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


def lambdas_that_stay(path: Path, tree: ast.Module) -> Iterator[str]:
    """Lambdas and nested functions on signals of what lives longer: nothing takes them away when a view goes."""
    for function in functions(tree):
        nested = {one.name for one in ast.walk(function) if isinstance(one, ast.FunctionDef) and one is not function}
        loops = {
            loop.target.id: [part for one in ast.walk(loop.iter) for part in names(one)]
            for loop in ast.walk(function)
            if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name)
        }
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if names(call.func)[-1:] != ["connect"] or len(call.args) != 1:
                continue
            heard = call.args[0]
            if not isinstance(heard, ast.Lambda) and not (isinstance(heard, ast.Name) and heard.id in nested):
                continue
            sender = names(call.func)[:-2]
            sender += loops.get(names(call.func)[0], []) if names(call.func) else []
            held = {"session"} if path.name not in OUTLIVE_SESSIONS else set()
            if {part.lstrip("_") for part in sender} & (LONG_LIVED | held):
                yield f"{path.name}:{call.lineno}: {ast.unparse(call)}"


def dialogs_below_views(path: Path, tree: ast.Module) -> Iterator[str]:
    """File dialogs that a view would take along while Qt's own one asks back in a loop of its own: a double free."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if names(call.func) != ["QFileDialog"]:
            continue
        parent = ast.unparse(call.args[0])
        if not parent.endswith(".window()") and parent not in ("window", "self._window") and path.name != "trust.py":
            yield f"{path.name}:{call.lineno}: {ast.unparse(call)}"


def test_file_dialogs_are_children_of_windows() -> None:
    assert [one for path, tree in modules() for one in dialogs_below_views(path, tree)] == []


def test_all_work_belongs_to_the_object_whose_method_it_is() -> None:
    assert [one for path, tree in modules() for one in misplaced_work(path, tree)] == []


def test_no_lambda_stays_on_a_signal_that_outlives_its_view() -> None:
    assert [one for path, tree in modules() for one in lambdas_that_stay(path, tree)] == []


def test_the_rules_find_what_they_are_for() -> None:
    bad = ast.parse(
        """
class View:
    def __init__(self, desk, session):
        desk.workbench.added.connect(lambda one: self.show(one))
        for signal in (desk.settings.changed, self.other):
            signal.connect(lambda *_: self.show())
        session.changed.connect(lambda: self.show())
        desk.workbench.added.connect(self.show)
        desk.bridge.spawn(self.work())
        desk.bridge.spawn(self.work(), session)
        desk.bridge.spawn(self.work(), self)
        session.spawn(session.restart())
        QFileDialog(self, "Open")
        QFileDialog(self.window(), "Open")
"""
    )
    view = Path("view.py")
    assert sorted(one.split(":")[1] for one in lambdas_that_stay(view, bad)) == ["4", "6", "7"]
    assert [one.split(":")[1] for one in misplaced_work(view, bad)] == ["9", "10"]
    assert [one.split(":")[1] for one in dialogs_below_views(view, bad)] == ["13"]
