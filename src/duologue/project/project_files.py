"""Which files of a folder make up the project."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from duologue.project.problems import Problem, Problems, Severity
from duologue.project.yaml_reader import show_path

YAML_SUFFIXES = frozenset((".yml", ".yaml"))
OLD_SUFFIXES = frozenset((".md", ".json"))
_MOST_FILES = 20_000


class ProjectFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a project by what they may hold; what is in them is decided by their keys."""

    config: Path | None
    domain: tuple[Path, ...]
    data: tuple[Path, ...]
    old_data: tuple[Path, ...]
    """Markdown and JSON below the data folder, perhaps training data of Rasa 1."""
    is_whole: bool = True
    """Every place could be looked into."""


def find_project_files(
    root: Path,
    problems: Problems,
    *,
    config: Path | None = None,
    domain: Path | Sequence[Path] | None = None,
    data: Path | Sequence[Path] | None = None,
) -> ProjectFiles:
    """Look where projects keep their files, or where the caller says."""
    unreadable = Problems()
    domain_roots = _as_paths(domain, root) or _keep_existing(root, ("domain.yml", "domain.yaml", "domain"))
    data_roots = _as_paths(data, root) or _keep_existing(root, ("data",))
    data_files = [path for place in data_roots for path in _walk(place, root, unreadable)]
    domain_files = [path for place in domain_roots for path in _walk(place, root, unreadable)]
    problems.extend(unreadable)
    return ProjectFiles(
        config=_find_config(config, root, problems),
        domain=tuple(path for path in domain_files if path.suffix in YAML_SUFFIXES),
        data=tuple(path for path in data_files if path.suffix in YAML_SUFFIXES),
        old_data=tuple(path for path in data_files if path.suffix in OLD_SUFFIXES),
        is_whole=not unreadable.has_errors,
    )


def find_yaml_files(place: Path, problems: Problems) -> tuple[Path, ...]:
    """The YAML files at or below a path, sorted."""
    return tuple(path for path in _walk(place, place, problems) if path.suffix in YAML_SUFFIXES)


def find_data_files(place: Path, problems: Problems) -> tuple[Path, ...]:
    """The files at or below a path that can hold training data, those of Rasa 1 too, sorted."""
    suffixes = YAML_SUFFIXES | OLD_SUFFIXES
    return tuple(path for path in _walk(place, place, problems) if path.suffix in suffixes)


def _find_config(config: Path | None, root: Path, problems: Problems) -> Path | None:
    if config is not None:
        return root / config
    for name in ("config.yml", "config.yaml"):
        if (root / name).exists():
            return root / name
    problems.add(
        Problem(
            severity=Severity.ERROR,
            file="config.yml",
            message=f"The folder {root} has no `config.yml`.",
            hint="Run the command in a project folder, or make one with `duologue init`.",
        )
    )
    return None


def _as_paths(paths: Path | Sequence[Path] | None, root: Path) -> list[Path]:
    if paths is None:
        return []
    return [root / path for path in ([paths] if isinstance(paths, Path) else paths)]


def _keep_existing(root: Path, names: Iterable[str]) -> list[Path]:
    return [root / name for name in names if (root / name).exists() or (root / name).is_symlink()]


def _walk(place: Path, root: Path, problems: Problems) -> list[Path]:
    """The files at or below a path in the order of their names; links to folders are not followed."""
    try:
        is_folder = place.stat() and place.is_dir()
        return sorted(_list_files(place)) if is_folder else [place]
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        problems.add(
            Problem(
                severity=Severity.ERROR,
                file=show_path(place, root),
                message=f"This cannot be read: {reason}.",
            )
        )
        return []


def _list_files(folder: Path) -> list[Path]:
    files: list[Path] = []
    waiting = [folder]
    while waiting:
        for path in waiting.pop().iterdir():
            if path.name.startswith(".") or path.name == "__pycache__":
                continue
            if path.is_dir():
                if not path.is_symlink():
                    waiting.append(path)
            elif path.suffix in YAML_SUFFIXES or path.suffix in OLD_SUFFIXES:
                files.append(path)
        if len(files) > _MOST_FILES:
            break
    return files
