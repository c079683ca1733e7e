"""Skills as files: the YAML at the top of a `SKILL.md`, and the entry of a folder (SEP-2640, agentskills.io).

Not part of `protocol`: it reads YAML, with a parser that is imported when the first skill is read.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from wireglass.errors import SkillError
from wireglass.protocol.skills import DYNAMIC, MAIN_FILE, Skill, SkillFile, digest_of

__all__ = ["body_of", "check_frontmatter", "frontmatter_of", "skill_entry"]

_HEAD: Final = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)\r?\n?^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
MAX_HEAD: Final = 64 * 1024
"""Characters of YAML that are read: a description has at most 1,024."""


def frontmatter_of(text: str, *, yaml: tuple[int, int] = (1, 2)) -> dict[str, Any]:
    """What the YAML at the top of a `SKILL.md` says, as JSON; dates stay the text they are written as.

    Raises SkillError when there is none, or it is no mapping that JSON can hold. Aliases are refused: a few lines of
    them unfold to gigabytes.
    """
    found = _HEAD.match(text)
    if found is None:
        raise SkillError("The file does not begin with YAML between two lines of `---`.")
    if len(found[1]) > MAX_HEAD:
        raise SkillError(f"The YAML at the top has more than {MAX_HEAD:,} characters.")
    value = _read_yaml(found[1], yaml)
    if not isinstance(value, dict):
        raise SkillError("The YAML at the top is not a mapping.")
    return _as_json(value)


def body_of(text: str) -> str:
    """A `SKILL.md` without the YAML at its top."""
    found = _HEAD.match(text)
    return text if found is None else text[found.end() :]


def check_frontmatter(skill: Skill, text: str) -> None:
    """Compares the top of a `SKILL.md` with its entry ("Frontmatter Verification"). Raises SkillError at a difference.

    YAML 1.1 and 1.2 read words such as `yes` differently and the extension names neither: an entry may follow either.
    """
    written = frontmatter_of(text)
    if written == skill.frontmatter or frontmatter_of(text, yaml=(1, 1)) == skill.frontmatter:
        return
    names = sorted(name for name in {*written, *skill.frontmatter} if written.get(name) != skill.frontmatter.get(name))
    raise SkillError(
        f"The SKILL.md of {skill.name} says something else than the skill's entry ({', '.join(names)}).",
        next_step="Do not load it. Ask for the entry again if the skill may have been updated.",
    )


def skill_entry(root: str, files: Mapping[str, bytes], *, dynamic: bool = False) -> Skill:
    """The entry of a folder: `root` is its URI without a slash at the end, `files` its bytes by their paths in it.

    Raises SkillError when it has no usable `SKILL.md` or breaks a rule of the format.
    """
    main = files.get(MAIN_FILE)
    if main is None:
        raise SkillError(f"{root} has no {MAIN_FILE}.")
    try:
        frontmatter = frontmatter_of(main.decode())
        listed = [
            SkillFile(uri=f"{root}/{path}", digest=digest_of(content), size=len(content))
            for path, content in sorted(files.items(), key=lambda item: (item[0] != MAIN_FILE, item[0]))
        ]
        return Skill(uri=f"{root}/{MAIN_FILE}", frontmatter=frontmatter, resources=DYNAMIC if dynamic else listed)
    except UnicodeDecodeError as error:
        raise SkillError(f"The {MAIN_FILE} of {root} is not UTF-8.") from error
    except ValueError as error:  # pydantic's too
        raise SkillError(f"{root} cannot be served as a skill: {error}") from error


def _read_yaml(text: str, version: tuple[int, int]) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import SafeConstructor
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.events import AliasEvent

    class Plain(SafeConstructor):
        """Leaves dates as text: JSON has none."""

    Plain.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)
    parser = YAML(typ="safe", pure=True)
    parser.version = version
    parser.Constructor = Plain
    try:
        if any(isinstance(event, AliasEvent) for event in YAML(typ="safe", pure=True).parse(text)):
            raise SkillError("The YAML at the top uses aliases, which are refused.")
        return parser.load(text)
    except YAMLError as error:
        raise SkillError(f"The YAML at the top cannot be read: {error}") from error


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise SkillError("The YAML at the top holds a number that JSON cannot.")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise SkillError(f"The YAML at the top holds a {type(value).__name__}, which JSON cannot.")
