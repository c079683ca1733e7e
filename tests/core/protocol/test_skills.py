"""Entries of skills: the MUSTs of "Skill Entries", "Limits" and "Integrity and Verification" (SEP-2640)."""

from typing import Any

import pytest
from pydantic import ValidationError

from wireglass.errors import SkillError
from wireglass.protocol.skills import MAX_FILES, MAX_TOTAL_BYTES, Skill, SkillFile, children_of, digest_of, skill_name

ROOT = "skill://acme/refunds"
MAIN = f"{ROOT}/SKILL.md"


def file(path: str, content: bytes = b"x") -> dict[str, Any]:
    return {"uri": f"{ROOT}/{path}", "digest": digest_of(content), "size": len(content)}


def entry(**changes: Any) -> dict[str, Any]:
    made = {
        "uri": MAIN,
        "frontmatter": {"name": "refunds", "description": "Pays back."},
        "resources": [file("SKILL.md")],
    }
    return {**made, **changes}


def test_an_entry_keeps_what_its_author_wrote() -> None:
    frontmatter = {"name": "refunds", "description": "d", "license": "MIT", "metadata": {"a": 1}}
    skill = Skill.model_validate(entry(frontmatter=frontmatter))
    assert (skill.name, skill.description, skill.root) == ("refunds", "d", ROOT)
    assert skill.wire()["frontmatter"] == frontmatter


@pytest.mark.parametrize(
    "changes",
    [
        {"resources": None},
        {"resources": "static"},
        {"resources": []},
        {"resources": [file("SKILL.md"), file("SKILL.md")]},
        {"resources": [file("SKILL.md"), file("../other/SKILL.md")]},
        {"resources": [file("SKILL.md"), file("a/%2e%2e/%2e%2e/x")]},
        {"resources": [file("SKILL.md"), {**file("a.md"), "uri": "skill://other/a.md"}]},
        {"resources": [{**file("SKILL.md"), "digest": "sha256:AB"}]},
        {"resources": [{**file("SKILL.md"), "size": -1}]},
        {"resources": [{**file("SKILL.md"), "size": "1"}]},
        {"resources": [{"uri": MAIN, "digest": digest_of(b"x")}]},
        {"frontmatter": {"name": "refunds"}},
        {"frontmatter": {"name": "refunds", "description": ""}},
        {"frontmatter": {"name": "other", "description": "d"}},
        {"frontmatter": {"name": "Refunds", "description": "d"}, "uri": "skill://acme/Refunds/SKILL.md"},
        {"uri": "skill://acme/refunds/README.md"},
    ],
)
def test_an_entry_that_breaks_a_must_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Skill.model_validate(entry(**changes))


def test_what_was_read_is_compared_by_size_and_digest() -> None:
    skill = Skill.model_validate(entry(resources=[file("SKILL.md", b"one"), file("a/b.txt", b"two")]))
    skill.verify(MAIN, b"one")
    with pytest.raises(SkillError, match="4 bytes and not 3"):
        skill.verify(MAIN, b"more")
    with pytest.raises(SkillError, match="another digest"):
        skill.verify(MAIN, b"two")
    with pytest.raises(SkillError, match="no file"):
        skill.verify(f"{ROOT}/new.md", b"")


def test_references_are_resolved_against_the_folder_and_the_list() -> None:
    skill = Skill.model_validate(entry(resources=[file("SKILL.md"), file("a/b.txt")]))
    assert (
        skill.resolve("a/b.txt") == skill.resolve("./a/b.txt") == skill.resolve(f"{ROOT}/a/b.txt") == f"{ROOT}/a/b.txt"
    )
    for wrong in ("c.txt", "../billing/SKILL.md", "a/../a/b.txt", "skill://other/SKILL.md"):
        with pytest.raises(SkillError):
            skill.resolve(wrong)
    dynamic = Skill.model_validate(entry(resources="dynamic"))
    assert dynamic.resolve("anything.md") == f"{ROOT}/anything.md"
    with pytest.raises(SkillError):
        dynamic.resolve("../escape.md")
    dynamic.verify(MAIN, b"whatever")  # nothing to compare with


def test_the_limits_follow_from_the_entry() -> None:
    def sized(*sizes: int) -> Skill:
        files = [SkillFile(uri=f"{ROOT}/{n}", digest=digest_of(b""), size=size) for n, size in enumerate(sizes)]
        return Skill.model_validate(entry(resources=[file("SKILL.md"), *[f.wire() for f in files]]))

    assert sized(MAX_TOTAL_BYTES - 1).beyond_limits() is None
    assert "16,777,217 bytes" in str(sized(MAX_TOTAL_BYTES).beyond_limits())
    assert sized(*[0] * (MAX_FILES - 1)).beyond_limits() is None
    assert "513 files" in str(sized(*[0] * MAX_FILES).beyond_limits())


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("skill://a/SKILL.md", "a"),
        ("github://o/r/skills/a/SKILL.md", "a"),
        ("skill://SKILL.md", None),
        ("skill://a/skill.md", None),
        ("a/SKILL.md", None),
    ],
)
def test_the_name_is_in_the_uri(uri: str, name: str | None) -> None:
    assert skill_name(uri) == name


def test_folders_follow_from_the_files() -> None:
    uris = [f"skill://p/{path}" for path in ("SKILL.md", "t/a.md", "t/deep/b.md")]
    assert children_of("skill://p", uris) == {"skill://p/SKILL.md": False, "skill://p/t": True}
    assert children_of("skill://p/t", uris) == {"skill://p/t/a.md": False, "skill://p/t/deep": True}
    for wrong in ("skill://p/SKILL.md", "skill://p/", "skill://x", ""):
        assert children_of(wrong, uris) is None
