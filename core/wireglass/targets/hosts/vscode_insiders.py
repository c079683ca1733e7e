"""Visual Studio Code Insiders."""

from wireglass.targets.hosts.vscode import vscode_like

__all__ = ["TARGET"]

TARGET = vscode_like("vscode-insiders", scheme="vscode-insiders", program="code-insiders")
