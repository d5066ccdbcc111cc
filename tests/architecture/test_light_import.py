"""The command line starts without loading the world."""

import subprocess
import sys

HEAVY = {
    "asyncio",
    "email",
    "grpc",
    "httpx2",
    "jinja2",
    "numpy",
    "prompt_toolkit",
    "pydantic",
    "rich",
    "ryaml",
    "sqlite3",
    "ssl",
    "starlette",
    "uvicorn",
    "yaml",
}
LOADED_MODULES = "import sys\n{statement}\nprint('\\n'.join(sys.modules))"
HELP = "from duologue.cli.main import main\nsys.argv = ['duologue', '--help']\ntry:\n    main()\nexcept SystemExit:\n    pass"


def modules_after(statement: str) -> set[str]:
    code = LOADED_MODULES.format(statement=statement)
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(output.stdout.split())


def test_help_loads_no_heavy_library() -> None:
    assert modules_after(HELP) & HEAVY == set()


def test_help_loads_few_modules_of_our_own() -> None:
    own = {name for name in modules_after(HELP) if name.startswith("duologue")}
    assert len(own) <= 40, sorted(own)


def test_the_words_of_the_house_load_nothing_but_msgspec_from_outside() -> None:
    loaded = modules_after("import duologue.core, duologue.core.events, duologue.core.tracker")
    assert loaded & (HEAVY | {"click"}) == set()
