"""The views of the workbench, in the order in which people see them. A new view is a file, and here a line.

Their modules load when they are first shown: what nobody looked at costs neither time at start nor memory.
"""

from wireglass.protocol.versions import TASKS_EXTENSION
from wireglass_app.panels.base import Desk, Panel, PanelSpec
from wireglass_app.server_session import ServerSession
from wireglass_app.workbench import Workbench

__all__ = ["PANELS"]


# --- how each is built ---


def _welcome(desk: Desk) -> Panel:
    from wireglass_app.panels.welcome import WelcomePanel

    return WelcomePanel(desk)


def _connection(desk: Desk) -> Panel:
    from wireglass_app.panels.connection import ConnectionPanel

    return ConnectionPanel(desk)


def _overview(desk: Desk) -> Panel:
    from wireglass_app.panels.overview import OverviewPanel

    return OverviewPanel(desk)


def _tools(desk: Desk) -> Panel:
    from wireglass_app.panels.tools import ToolsPanel

    return ToolsPanel(desk)


def _resources(desk: Desk) -> Panel:
    from wireglass_app.panels.resources import ResourcesPanel

    return ResourcesPanel(desk)


def _prompts(desk: Desk) -> Panel:
    from wireglass_app.panels.prompts import PromptsPanel

    return PromptsPanel(desk)


def _logs(desk: Desk) -> Panel:
    from wireglass_app.panels.logs import LogsPanel

    return LogsPanel(desk)


def _tasks(desk: Desk) -> Panel:
    from wireglass_app.panels.tasks import TasksPanel

    return TasksPanel(desk)


def _inbox(desk: Desk) -> Panel:
    from wireglass_app.panels.inbox import InboxPanel

    return InboxPanel(desk)


def _timeline(desk: Desk) -> Panel:
    from wireglass_app.panels.timeline import TimelinePanel

    return TimelinePanel(desk)


def _frames(desk: Desk) -> Panel:
    from wireglass_app.panels.frames import FramesPanel

    return FramesPanel(desk)


def _network(desk: Desk) -> Panel:
    from wireglass_app.panels.network import NetworkPanel

    return NetworkPanel(desk)


def _history(desk: Desk) -> Panel:
    from wireglass_app.panels.history import HistoryPanel

    return HistoryPanel(desk)


def _changes(desk: Desk) -> Panel:
    from wireglass_app.panels.changes import ChangesPanel

    return ChangesPanel(desk)


def _replay(desk: Desk) -> Panel:
    from wireglass_app.panels.replay import ReplayPanel

    return ReplayPanel(desk)


def _sessions(desk: Desk) -> Panel:
    from wireglass_app.panels.sessions import SessionsPanel

    return SessionsPanel(desk)


def _targets(desk: Desk) -> Panel:
    from wireglass_app.panels.targets import TargetsPanel

    return TargetsPanel(desk)


def _settings(desk: Desk) -> Panel:
    from wireglass_app.panels.settings import SettingsPanel

    return SettingsPanel(desk)


# --- which a server has, and the numbers beside them ---


def _offers_resources(session: ServerSession) -> bool:
    return session.facts is None or "resources" in session.facts.capabilities


def _offers_prompts(session: ServerSession) -> bool:
    return session.facts is None or "prompts" in session.facts.capabilities


def _offers_tasks(session: ServerSession) -> bool:
    """Whether the server said that it may run calls as tasks."""
    offered = session.facts.capabilities if session.facts is not None else {}
    extensions = offered.get("extensions")
    return "tasks" in offered or (isinstance(extensions, dict) and TASKS_EXTENSION in extensions)


def _never(_session: ServerSession) -> bool:
    return False


def _tools_count(session: ServerSession) -> int:
    return len(session.catalogue.tools)


def _resources_count(session: ServerSession) -> int:
    return len(session.catalogue.resources) + len(session.catalogue.templates)


def _prompts_count(session: ServerSession) -> int:
    return len(session.catalogue.prompts)


def _logs_count(session: ServerSession) -> int:
    return sum(1 for line in session.logs if line.source == "stdout" or line.level in ("warning", "error", "critical"))


def _waiting_count(workbench: Workbench) -> int:
    return len(workbench.waiting)


def _violations_count(workbench: Workbench) -> int:
    return len(workbench.ledger.violations)


def _changes_count(workbench: Workbench) -> int:
    current = workbench.current
    return len(current.changes.items) if current is not None and current.changes is not None else 0


PANELS: tuple[PanelSpec, ...] = (
    PanelSpec("welcome", "Welcome", "wireglass", "hidden", _welcome),
    PanelSpec("connection", "Connection", "plug", "server", _connection, when=_never),
    PanelSpec("overview", "Overview", "info", "server", _overview),
    PanelSpec("tools", "Tools", "tools", "server", _tools, count=_tools_count),
    PanelSpec("resources", "Resources", "file", "server", _resources, count=_resources_count, when=_offers_resources),
    PanelSpec("prompts", "Prompts", "prompt", "server", _prompts, count=_prompts_count, when=_offers_prompts),
    PanelSpec("logs", "Logs", "logs", "server", _logs, count=_logs_count),
    PanelSpec("tasks", "Tasks", "clock", "server", _tasks, when=_offers_tasks),
    PanelSpec("inbox", "Inbox", "inbox", "session", _inbox, shortcut="Ctrl+5", count=_waiting_count),
    PanelSpec("timeline", "Timeline", "timeline", "session", _timeline, shortcut="Ctrl+6", strip=False),
    PanelSpec("frames", "Protocol", "swap", "session", _frames, shortcut="Ctrl+7", count=_violations_count),
    PanelSpec("network", "Network", "globe", "session", _network),
    PanelSpec("history", "History", "history", "session", _history),
    PanelSpec("changes", "Compare", "compare", "session", _changes, count=_changes_count),
    PanelSpec("replay", "Replay", "repeat", "hidden", _replay),
    PanelSpec("sessions", "Sessions", "record", "session", _sessions),
    PanelSpec("targets", "Client configs", "sliders", "setup", _targets, shortcut="Ctrl+9", strip=False),
    PanelSpec("settings", "Settings", "settings", "setup", _settings),
)
