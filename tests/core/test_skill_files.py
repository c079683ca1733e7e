"""The YAML at the top of a `SKILL.md`: read whole, compared field by field, and never a way to use up memory."""

import pytest

from wireglass.errors import SkillError
from wireglass.skill_files import body_of, check_frontmatter, frontmatter_of, skill_entry

TEXT = """---
name: mail
description: >
  Writes
  mails.
license: MIT
date: 2026-01-02
metadata:
  version: 1.5
  draft: true
---

# Mail
"""


def test_every_field_is_kept_and_dates_stay_text() -> None:
    assert frontmatter_of(TEXT) == {
        "name": "mail",
        "description": "Writes mails.\n",
        "license": "MIT",
        "date": "2026-01-02",
        "metadata": {"version": 1.5, "draft": True},
    }
    assert body_of(TEXT) == "\n# Mail\n"
    windows = TEXT.replace("\n", "\r\n")
    assert frontmatter_of("\ufeff" + windows)["license"] == "MIT"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# no head\n", "two lines"),
        ("---\nname: a\n", "two lines"),
        ("---\n- a\n---\n", "not a mapping"),
        ("---\na: [\n---\n", "cannot be read"),
        ("---\na: &x [1]\nb: *x\n---\n", "aliases"),
        ("---\na: .nan\n---\n", "number"),
        (f"---\na: {'x' * 70_000}\n---\n", "more than"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, why: str) -> None:
    with pytest.raises(SkillError, match=why):
        frontmatter_of(text)


def test_a_head_that_says_something_else_is_refused() -> None:
    skill = skill_entry("skill://mail", {"SKILL.md": TEXT.encode()})
    check_frontmatter(skill, TEXT)
    with pytest.raises(SkillError, match=r"\(license\)"):
        check_frontmatter(skill, TEXT.replace("MIT", "GPL"))
    with pytest.raises(SkillError, match="allowed-tools"):
        check_frontmatter(skill, TEXT.replace("license:", "allowed-tools: Bash\nlicense:"))


def test_an_entry_may_follow_either_version_of_yaml() -> None:
    """`yes` is true in YAML 1.1 and a word in 1.2."""
    text = "---\nname: mail\ndescription: d\nurgent: yes\n---\n"
    skill = skill_entry("skill://mail", {"SKILL.md": text.encode()})
    assert skill.frontmatter["urgent"] == "yes"
    older = skill.model_copy(update={"frontmatter": {**skill.frontmatter, "urgent": True}})
    check_frontmatter(older, text)


def test_an_entry_lists_every_file_its_main_one_first() -> None:
    skill = skill_entry("skill://a/mail", {"b.bin": b"\xff\0", "SKILL.md": TEXT.encode(), "a/x.md": b""})
    assert [file.uri for file in skill.files] == [
        "skill://a/mail/SKILL.md",
        "skill://a/mail/a/x.md",
        "skill://a/mail/b.bin",
    ]
    skill.verify("skill://a/mail/b.bin", b"\xff\0")
    assert skill_entry("skill://mail", {"SKILL.md": TEXT.encode()}, dynamic=True).resources == "dynamic"


@pytest.mark.parametrize(
    ("root", "files", "why"),
    [
        ("skill://mail", {}, "no SKILL.md"),
        ("skill://other", {"SKILL.md": TEXT.encode()}, "not called"),
        ("skill://mail", {"SKILL.md": b"---\nname: mail\n---\n"}, "description"),
        ("skill://mail", {"SKILL.md": b"\xff"}, "UTF-8"),
    ],
)
def test_a_folder_that_is_no_skill_says_why(root: str, files: dict[str, bytes], why: str) -> None:
    with pytest.raises(SkillError, match=why):
        skill_entry(root, files)
