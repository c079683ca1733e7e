"""Where programs keep the skills of their users. One more program is a class with its folders."""

from pathlib import Path

from wireglass.server.providers.skills import MAIN_FILE, SkillsDirectoryProvider, SupportingFiles

__all__ = [
    "ClaudeSkillsProvider",
    "CodexSkillsProvider",
    "CopilotSkillsProvider",
    "CursorSkillsProvider",
    "GeminiSkillsProvider",
    "GooseSkillsProvider",
    "OpenCodeSkillsProvider",
    "VSCodeSkillsProvider",
]


class _VendorProvider(SkillsDirectoryProvider):
    folders: tuple[str, ...] = ()
    """With `~` for the user's home; the first wins."""

    def __init__(
        self,
        reload: bool = False,
        supporting_files: SupportingFiles = "template",
        *,
        main_file_name: str = MAIN_FILE,
        experimental_skills: bool = False,
    ) -> None:
        roots = [Path.home() / folder[2:] if folder.startswith("~/") else Path(folder) for folder in self.folders]
        super().__init__(roots, reload, main_file_name, supporting_files, experimental_skills=experimental_skills)


class ClaudeSkillsProvider(_VendorProvider):
    """Claude Code's."""

    folders = ("~/.claude/skills",)


class CursorSkillsProvider(_VendorProvider):
    """Cursor's."""

    folders = ("~/.cursor/skills",)


class VSCodeSkillsProvider(_VendorProvider):
    """Visual Studio Code's."""

    folders = ("~/.copilot/skills",)


class CopilotSkillsProvider(_VendorProvider):
    """GitHub Copilot's."""

    folders = ("~/.copilot/skills",)


class CodexSkillsProvider(_VendorProvider):
    """Codex's: the machine's before the user's."""

    folders = ("/etc/codex/skills", "~/.codex/skills")


class GeminiSkillsProvider(_VendorProvider):
    """Gemini CLI's."""

    folders = ("~/.gemini/skills",)


class GooseSkillsProvider(_VendorProvider):
    """Goose's."""

    folders = ("~/.config/agents/skills",)


class OpenCodeSkillsProvider(_VendorProvider):
    """OpenCode's."""

    folders = ("~/.config/opencode/skills",)
