"""The views of the workbench, in the order in which people see them. A new view is a file and a line here."""

from wireglass_app.panels.base import PanelSpec
from wireglass_app.panels.connection import SPEC as CONNECTION
from wireglass_app.panels.logs import SPEC as LOGS
from wireglass_app.panels.overview import SPEC as OVERVIEW
from wireglass_app.panels.timeline import SPEC as TIMELINE
from wireglass_app.panels.tools import SPEC as TOOLS
from wireglass_app.panels.welcome import SPEC as WELCOME

__all__ = ["PANELS"]

PANELS: tuple[PanelSpec, ...] = (
    WELCOME,
    CONNECTION,
    OVERVIEW,
    TOOLS,
    LOGS,
    TIMELINE,
)
