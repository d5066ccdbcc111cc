"""What must not stand in any file of the repository, and what the pinned requirements must cover."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

# Built from parts, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(
    "|".join(
        [
            r"/wo" + r"rk/",
            r"/ro" + r"ot/",
            r"/ho" + r"me/[a-z]",
            r"/Us" + r"ers/[A-Za-z]",
            r"\.\./sha" + r"red",
        ]
    )
)
INDEX_ADDRESSES = re.compile(
    "|".join(
        [
            r"--(extra-)?index" + r"-url",
            r"--find" + r"-links",
            r"pypi\." + r"org",
            r"pythonhos" + r"ted",
            r"registry\.npm" + r"js",
        ]
    )
)
WHERE_PINS_ARE_MADE = {"Makefile"}
"""It tells the resolver to leave addresses out, and names the options that do so."""


def repository_files(repository: Path) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("Not a git checkout, so there is no list of the repository's files.")
    files = [repository / name for name in listed.stdout.splitlines()]
    return [path for path in files if path.is_file() and path.stat().st_size < 2_000_000]


def lines_with(pattern: re.Pattern[str], repository: Path) -> list[str]:
    found: list[str] = []
    for path in repository_files(repository):
        text = path.read_bytes().decode("utf-8", errors="ignore")
        name = path.relative_to(repository).as_posix()
        found += [
            f"{name}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line) and not (name in WHERE_PINS_ARE_MADE and "--no-emit-" in line)
        ]
    return found


def test_no_file_names_a_path_of_one_machine(repository: Path) -> None:
    assert lines_with(MACHINE_PATHS, repository) == []


def test_no_file_names_a_package_index(repository: Path) -> None:
    assert lines_with(INDEX_ADDRESSES, repository) == []


def test_no_lock_file_names_an_address(repository: Path) -> None:
    locks = [path for path in repository_files(repository) if path.name == "package-lock.json"]
    assert locks
    assert [path.name for path in locks if "://" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("file", ["runtime.txt", "dev.txt", "model.txt", "rasa-sdk.txt", "rasa36.txt"])
def test_pinned_requirements_have_hashes_and_no_addresses(repository: Path, file: str) -> None:
    text = (repository / "requirements" / file).read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9].*$", text, flags=re.MULTILINE)
    assert pins
    assert [pin for pin in pins if "==" not in pin or not pin.endswith("\\")] == []
    assert "://" not in text


@pytest.mark.parametrize(("file", "group"), [("runtime.txt", "build"), ("dev.txt", "dev")])
def test_pinned_requirements_cover_what_the_project_asks_for(repository: Path, file: str, group: str) -> None:
    settings = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        *settings["project"]["dependencies"],
        *(r for r in settings["dependency-groups"][group] if isinstance(r, str)),
    ]
    pinned = (repository / "requirements" / file).read_text(encoding="utf-8")
    names = {re.split(r"[\[<>=]", requirement)[0].lower().replace("_", "-") for requirement in asked}
    assert [
        name for name in sorted(names) if not re.search(rf"^{re.escape(name)}==", pinned, flags=re.MULTILINE)
    ] == []
