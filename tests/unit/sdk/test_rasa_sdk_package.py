"""The package `duologue-rasa-sdk` holds the alias and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[3]
ALIAS = REPOSITORY / "src" / "duologue" / "rasa_alias"


def run(*command: str | Path, cwd: Path) -> str:
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_wheel_has_the_files_of_the_alias_and_they_import(tmp_path: Path) -> None:
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    run(sys.executable, "-c", build, tmp_path, cwd=REPOSITORY / "packages" / "rasa-sdk")
    wheel = next(tmp_path.glob("duologue_rasa_sdk-*.whl"))

    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        archive.extractall(tmp_path / "site")
    own = {
        path.relative_to(ALIAS).as_posix() for path in ALIAS.rglob("*") if path.suffix in {".py", ".typed"}
    }
    assert packed == own

    told = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); import rasa_sdk; print(rasa_sdk.__file__)"
    assert run(sys.executable, "-c", told, cwd=tmp_path).startswith(str(tmp_path / "site"))
