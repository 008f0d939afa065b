"""What a person set for all projects: theme and keys, in `config.toml` in ChatForge's folder.

theme = "chatforge-light"

[keys]
"stage.main" = "f9"
jump = "ctrl+l"
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FILE = "config.toml"
THEME = "chatforge-dark"


@dataclass(frozen=True)
class Settings:
    """Theme and keys.

    Attributes:
        keys: key by the id of what it does, such as {"jump": "ctrl+l"}; several keys with commas between.
        problems: what in the file could not be used.
    """

    theme: str = THEME
    keys: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read(home: Path) -> Settings:
    """Read the settings; what cannot be used is said in `problems`, never in the way of the start."""
    path = home / FILE
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Settings(problems=(f"{path}: {error}",))
    problems = [f"{path}: `{name}` is not known" for name in found if name not in ("theme", "keys")]
    theme, keys = found.get("theme", THEME), found.get("keys", {})
    if not isinstance(theme, str):
        theme = THEME
        problems.append(f"{path}: `theme` is no text")
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        keys = {}
        problems.append(f'{path}: `[keys]` holds lines such as jump = "ctrl+l"')
    return Settings(theme, keys, tuple(problems))


def write_theme(home: Path, theme: str) -> None:
    """Keep a chosen theme; the rest of the file stays as it is."""
    path = home / FILE
    line = f'theme = "{theme}"'
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    # `theme` can only stand above the first table.
    head = next((i for i, text in enumerate(lines) if text.lstrip().startswith("[")), len(lines))
    kept = [text for text in lines[:head] if text.partition("=")[0].strip() != "theme"]
    home.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([line, *kept, *lines[head:]]) + "\n", encoding="utf-8")
