"""The rooms of the house and the floors they stand on."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from importlinter.api import read_configuration


def contracts(repository: Path) -> dict[str, dict[str, Any]]:
    settings = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["id"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


def rooms(repository: Path) -> set[str]:
    house = repository / "src" / "duologue"
    return {f"duologue.{room.parent.name}" for room in house.glob("*/__init__.py")}


def test_every_import_contract_holds(repository: Path) -> None:
    # A process of its own: the linter switches off the loggers of the process it runs in.
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [linter, "--no-cache"], cwd=repository, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_configuration_of_the_contracts_is_read(repository: Path) -> None:
    configuration = read_configuration(str(repository / "pyproject.toml"))
    assert {contract["id"] for contract in configuration["contracts_options"]} == set(contracts(repository))


@pytest.mark.parametrize(
    ("contract", "may_import"),
    [
        ("adapters-and-channels", {"core", "ports", "wire"}),
        ("sdk", {"core", "wire"}),
    ],
)
def test_a_strict_contract_forbids_every_lower_room_but_its_own_few(
    repository: Path, contract: str, may_import: set[str]
) -> None:
    lower_floors = {
        "core",
        "dialogue",
        "flows",
        "knowledge",
        "ports",
        "project",
        "responses",
        "understanding",
        "wire",
    }
    expected = {f"duologue.{room}" for room in lower_floors - may_import} & rooms(repository)
    assert expected <= set(contracts(repository)[contract]["forbidden_modules"])


@pytest.mark.parametrize("contract", ["yaml", "drivers"])
def test_what_one_room_owns_is_forbidden_to_every_other(repository: Path, contract: str) -> None:
    owner = {"yaml": "duologue.project", "drivers": "duologue.adapters"}[contract]
    assert rooms(repository) - {owner} <= set(contracts(repository)[contract]["source_modules"])
