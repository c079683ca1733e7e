"""The tabs of the result pane: which there are, and how much is behind each."""

from wireglass_app.counted_tabs import CountedTabs

__all__ = ["ResultTabs"]

_TABS = (
    ("structured", "Structured"),
    ("content", "Content"),
    ("timing", "Timing"),
    ("logs", "Logs"),
    ("frames", "Frames"),
    ("compare", "Compare"),
)
_KEYS = tuple(key for key, _title in _TABS)
_OF_TOOLS = ("content", "compare")


class ResultTabs(CountedTabs):
    """Known by their keys: "structured" (the first, whatever it is called), "content", "timing", "logs", "frames" and
    "compare"."""

    def __init__(self, first: str, *, of_tools: bool) -> None:
        """`first` is the title of the first tab; some tabs are there for tools alone."""
        super().__init__("Parts of the result")
        for at, (key, title) in enumerate(_TABS):
            self.addTab(title if at else first)
            self.setTabVisible(at, of_tools or key not in _OF_TOOLS)

    @property
    def key(self) -> str:
        """Of the tab in sight; empty when there is none."""
        at = self.currentIndex()
        return _KEYS[at] if at >= 0 else ""

    def choose(self, key: str) -> None:
        """Brings a tab in sight."""
        self.setCurrentIndex(_KEYS.index(key))

    def set_numbers(self, *, content: int, logs: int, frames: int, runs: int) -> None:
        """How much is behind the tabs; one run alone has nothing to be compared with."""
        numbers = {"content": content, "logs": logs, "frames": frames, "compare": runs if runs > 1 else 0}
        for key, number in numbers.items():
            self.set_number(_KEYS.index(key), number)
