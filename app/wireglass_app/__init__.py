"""The Wireglass desktop workbench.

Importing it does two things, because they must come before everything else: TLS loads late, and PySide6 now, so that it
does not read the modules that come after it.
"""

from wireglass_app.late_tls import load_tls_late
from wireglass_app.qt_imports import leave_sources_unread

load_tls_late()
leave_sources_unread()
