"""Everything that can be set, by key, in the order of the page: what the search and the palette look through."""

from dataclasses import dataclass

__all__ = [
    "GROUPS",
    "MASK_NAMES",
    "RECORD_DISK",
    "RECORD_MINUTES",
    "RELOAD",
    "RUN_PYTHON",
    "RUN_WITH",
    "SETTINGS",
    "SettingFact",
]

RUN_WITH, RUN_PYTHON, RELOAD = "run.with", "run.python", "run.reload"
RECORD_MINUTES, RECORD_DISK, MASK_NAMES = "record.minutes", "record.disk", "mask.names"

GROUPS = (
    ("appearance", "Appearance"),
    ("running", "Running"),
    ("models", "Models"),
    ("privacy", "Privacy"),
    ("keys", "Keys"),
    ("files", "Files"),
)


@dataclass(frozen=True, slots=True)
class SettingFact:
    """One line of the page. `words` are what people may also call it."""

    key: str
    group: str
    title: str
    words: str = ""


SETTINGS: tuple[SettingFact, ...] = (
    SettingFact("theme", "appearance", "Theme", "colour color dark light high contrast system"),
    SettingFact("density", "appearance", "Density", "comfortable compact touch row height spacing"),
    SettingFact("zoom", "appearance", "Size of text and rows", "zoom larger smaller scale"),
    SettingFact("font.ui", "appearance", "Font of the interface", "family typeface sans"),
    SettingFact("font.mono", "appearance", "Font of code", "family typeface mono monospace"),
    SettingFact("motion", "appearance", "Motion", "animation reduced movement fade"),
    SettingFact("times", "appearance", "Times", "UTC local clock time zone"),
    SettingFact("run.with", "running", "Interpreter", "python uv venv runtime"),
    SettingFact("run.reload", "running", "Reload on save", "hot reload watch restart"),
    SettingFact("trust", "running", "Trusted folders", "trust list consent revoke forget"),
    SettingFact("inbox", "running", "Questions of servers", "Inbox notify rules elicitation"),
    SettingFact("models", "models", "Models for sampling", "endpoint key LLM draft"),
    SettingFact("record", "privacy", "Recording", "ring minutes disk session history"),
    SettingFact("record.disk", "privacy", "Recording on disk", "crash recover"),
    SettingFact("mask", "privacy", "Masking", "secrets tokens hide redact names"),
    SettingFact("typed", "privacy", "What was typed", "drafts arguments forget clear history"),
    SettingFact("keys", "keys", "Keys", "shortcuts keyboard bindings"),
    SettingFact("files", "files", "Files of Wireglass", "folder path location backup settings file"),
    SettingFact("about", "files", "About Wireglass", "version licence license"),
)
