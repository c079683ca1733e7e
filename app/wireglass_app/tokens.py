"""Every colour of the workbench by name, light and dark, and high contrast made of them. Nothing else names one."""

__all__ = ["TINTS", "TOKENS", "contrast_table"]

TOKENS: dict[str, tuple[str, str]] = {
    # name: (light, dark)
    "bg.window": ("EFF3F2", "121718"),
    "bg.panel": ("FFFFFF", "191F20"),
    "bg.sunken": ("F7F9F9", "141A1B"),
    "bg.raised": ("FFFFFF", "222A2B"),
    "bg.hover": ("E6ECEB", "263031"),
    "bg.selected": ("D3EAE6", "17403C"),
    "bg.pressed": ("C3DFDA", "1D4F4A"),
    "line.subtle": ("E0E6E5", "273031"),
    "line.default": ("C6D0CF", "364243"),
    "line.control": ("7F8E8D", "6C7C7C"),
    "focus": ("0A7D76", "5BD3C7"),
    "text.primary": ("13201F", "E7EDEC"),
    "text.secondary": ("3F4F4E", "B9C5C4"),
    "text.muted": ("566665", "9DABAA"),
    "text.disabled": ("8C9998", "647271"),
    "accent.fill": ("0B6B65", "35B8AC"),
    "accent.on": ("FFFFFF", "06201E"),
    "accent.text": ("0A625D", "5BD3C7"),
    "ok.text": ("2B6A14", "96D67C"),
    "warn.text": ("804A00", "F2BB63"),
    "bad.text": ("A8231B", "FF9C92"),
    "info.text": ("1B579F", "8FBEFF"),
    "human.text": ("6B36B8", "C9A8FF"),
    "bad.fill": ("B3261E", "E5695E"),
    "bad.on": ("FFFFFF", "240604"),
    "ok.bg": ("E5F3DC", "1C3014"),
    "warn.bg": ("FDF0D5", "38290E"),
    "bad.bg": ("FCE7E4", "431E1B"),
    "info.bg": ("E3EEFB", "172C49"),
    "human.bg": ("F0E8FC", "2E2148"),
    "syn.key": ("1A5480", "84C5F4"),
    "syn.str": ("2B6A14", "A2D88A"),
    "syn.num": ("8F4200", "F0A868"),
    "syn.literal": ("6B36B8", "C9A8FF"),
    "syn.punct": ("566665", "9DABAA"),
    "bar.blue": ("2F6FCC", "6EA8F5"),
    "bar.violet": ("7C4BC9", "B18CF0"),
    "bar.teal": ("0D8078", "3DBFB2"),
    "bar.green": ("458329", "83C267"),
    "bar.orange": ("B85B08", "EE9A4A"),
    "bar.magenta": ("B23B80", "EC85BC"),
    "bar.slate": ("64757A", "8DA0A5"),
    "bar.gold": ("8A6D00", "D9B93B"),
    "bar.ink": ("FFFFFF", "0B1514"),
}
TINTS = ("ok.bg", "warn.bg", "bad.bg", "info.bg", "human.bg")


def contrast_table(base: dict[str, str]) -> dict[str, str]:
    """The high-contrast form of a table: lines are text, tints are the panel, grey text is text."""
    table = dict(base)
    for name in table:
        if name.startswith("line.") or name in ("text.secondary", "text.muted"):
            table[name] = base["text.primary"]
        elif name in TINTS or name in ("bg.window", "bg.sunken", "bg.raised"):
            table[name] = base["bg.panel"]
    return table
