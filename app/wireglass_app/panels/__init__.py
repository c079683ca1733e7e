"""The views of the workbench, in the order in which people see them. A new view is a file and a line here."""

from wireglass_app.panels.base import PanelSpec
from wireglass_app.panels.changes import SPEC as CHANGES
from wireglass_app.panels.connection import SPEC as CONNECTION
from wireglass_app.panels.frames import SPEC as FRAMES
from wireglass_app.panels.history import SPEC as HISTORY
from wireglass_app.panels.inbox import SPEC as INBOX
from wireglass_app.panels.logs import SPEC as LOGS
from wireglass_app.panels.network import SPEC as NETWORK
from wireglass_app.panels.overview import SPEC as OVERVIEW
from wireglass_app.panels.prompts import SPEC as PROMPTS
from wireglass_app.panels.resources import SPEC as RESOURCES
from wireglass_app.panels.sessions import SPEC as SESSIONS
from wireglass_app.panels.settings import SPEC as SETTINGS
from wireglass_app.panels.targets import SPEC as TARGETS
from wireglass_app.panels.tasks import SPEC as TASKS
from wireglass_app.panels.timeline import SPEC as TIMELINE
from wireglass_app.panels.tools import SPEC as TOOLS
from wireglass_app.panels.welcome import SPEC as WELCOME

__all__ = ["PANELS"]

PANELS: tuple[PanelSpec, ...] = (
    WELCOME,
    CONNECTION,
    OVERVIEW,
    TOOLS,
    RESOURCES,
    PROMPTS,
    LOGS,
    TASKS,
    INBOX,
    TIMELINE,
    FRAMES,
    NETWORK,
    HISTORY,
    CHANGES,
    SESSIONS,
    TARGETS,
    SETTINGS,
)
