"""`fastmcp.settings`: one object that answers from the environment and `.env`, and can be changed while a test runs."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from wireglass.settings import setting

__all__ = ["Settings", "settings", "temporary_settings"]

_DEFAULTS: dict[str, Any] = {
    "home": user_data_path("fastmcp", appauthor=False),
    "test_mode": False,
    "log_enabled": True,
    "log_level": "INFO",
    "enable_rich_logging": True,
    "enable_rich_tracebacks": True,
    "deprecation_warnings": True,
    "client_raise_first_exceptiongroup_error": True,
    "client_init_timeout": None,
    "client_disconnect_timeout": 5.0,
    "transport": "stdio",
    "host": "127.0.0.1",
    "port": 8000,
    "sse_path": "/sse",
    "message_path": "/messages/",
    "streamable_http_path": "/mcp",
    "debug": False,
    "mask_error_details": False,
    "strict_input_validation": False,
    "server_dependencies": [],
    "json_response": False,
    "stateless_http": False,
    "server_auth": None,
    "include_tags": None,
    "exclude_tags": None,
    "include_fastmcp_meta": True,
    "mounted_components_raise_on_load_error": False,
    "show_cli_banner": True,
    "show_server_banner": True,
    "check_for_updates": "off",
    "decorator_mode": "function",
    "resource_prefix_format": "path",
    "telemetry_mode": "native",
    "http_session_idle_timeout": "auto",
    "http_host_origin_protection": False,
}


class Settings:
    """Attributes are settings. Reading one asks `WIREGLASS_*`, then `FASTMCP_*`, then the default."""

    def __init__(self, **values: Any) -> None:
        unknown = set(values) - set(_DEFAULTS)
        if unknown:
            raise ValueError(f"There is no setting {', '.join(sorted(unknown))}.")
        if "http_session_idle_timeout" in values:
            _seconds_or_word(values["http_session_idle_timeout"])
        object.__setattr__(self, "_given", dict(values))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in _DEFAULTS:
            raise AttributeError(f"There is no setting {name}.")
        given: dict[str, Any] = self.__dict__["_given"]
        if name in given:
            return given[name]
        text = setting(name.upper())
        return _DEFAULTS[name] if text is None else _converted(name, text)

    def __setattr__(self, name: str, value: Any) -> None:
        self.set_setting(name, value)

    def __delattr__(self, name: str) -> None:
        """Forgets what this process set: how pytest's monkeypatch takes its change back."""
        self.reset(name, False, None, None)

    def get_setting(self, attr: str) -> Any:
        """One setting. Raises AttributeError for a name that does not exist."""
        return getattr(self, attr)

    def set_setting(self, attr: str, value: Any) -> None:
        """Changes one setting for this process, where the runtime sees it too."""
        if attr not in _DEFAULTS:
            raise AttributeError(f"There is no setting {attr}.")
        self.__dict__["_given"][attr] = value
        if self is settings:
            os.environ[f"WIREGLASS_{attr.upper()}"] = "" if value is None else str(value)

    def reset(self, attr: str, given: bool, value: Any, environment: str | None) -> None:
        """Puts one setting back to what it was before `set_setting`."""
        if given:
            self.__dict__["_given"][attr] = value
        else:
            self.__dict__["_given"].pop(attr, None)
        if environment is None:
            os.environ.pop(f"WIREGLASS_{attr.upper()}", None)
        else:
            os.environ[f"WIREGLASS_{attr.upper()}"] = environment


settings = Settings()
"""What `from fastmcp import settings` gives."""


@contextmanager
def temporary_settings(**values: Any) -> Generator[None, None, None]:
    """Changes settings inside a `with` block."""
    given: dict[str, Any] = dict(settings.__dict__["_given"])
    environment = {name: os.environ.get(f"WIREGLASS_{name.upper()}") for name in values}
    try:
        for name, value in values.items():
            settings.set_setting(name, value)
        yield
    finally:
        for name in values:
            settings.reset(name, name in given, given.get(name), environment[name])


def _seconds_or_word(value: Any) -> float | str | None:
    if value is None or value == "auto":
        return value
    seconds = float(value)
    if seconds <= 0:
        raise ValueError(f"http_session_idle_timeout is a number of seconds above 0, 'auto' or None; not {value!r}.")
    return seconds


def _converted(name: str, text: str) -> Any:
    default = _DEFAULTS[name]
    if name == "http_session_idle_timeout":
        return _seconds_or_word(None if text.strip().lower() in ("", "none", "null") else text)
    if name == "http_host_origin_protection" and text.strip().lower() == "auto":
        return "auto"
    match default:
        case bool():
            return text.strip().lower() in ("1", "true", "yes", "on")
        case int():
            return int(text)
        case float():
            return float(text)
        case Path():
            return Path(text)
        case _ if name == "log_level":
            return text.upper()
        case _:
            return text
