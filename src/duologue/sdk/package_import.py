"""Import a package of actions with all its modules, and say in one sentence for each what is broken."""

import importlib
import importlib.util
import pkgutil
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from duologue.sdk.author_code import AuthorCode
from duologue.sdk.errors import ActionImportError

_RENAMED = {
    "FormAction": "FormAction is gone since rasa_sdk 3.0; use FormValidationAction.",
}


def import_project_package(code: AuthorCode, name: str) -> list[ModuleType]:
    """Import a project's module or package, its submodules too; give every module of the project."""
    importlib.invalidate_caches()
    try:
        _import_tree(name, code.import_module, _Describer(code.root, code))
    finally:
        code.withdraw_paths()
    return code.modules()


def import_installed_package(name: str) -> list[ModuleType]:
    """Import an installed module or package, its submodules too."""
    return _import_tree(name, importlib.import_module, _Describer(_folder_of(name), None))


def is_installed(name: str) -> bool:
    """Say whether Python finds a module of that name by itself."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


class _Describer:
    """Words the errors of one package."""

    def __init__(self, root: Path, code: AuthorCode | None) -> None:
        self.root = root
        self.code = code

    def describe(self, module_name: str, error: BaseException) -> str:
        place = self._place(error) or f"module '{module_name}'"
        reason = self._reason(error)
        return f"{place}: {self.code.public_text(reason) if self.code else reason}"

    def _place(self, error: BaseException) -> str | None:
        if isinstance(error, SyntaxError) and error.filename:
            return f"{display_path(error.filename, self.root)}:{error.lineno}"
        return find_author_line(error, self.root)

    def _reason(self, error: BaseException) -> str:
        match error:
            case ModuleNotFoundError(name=str(missing)):
                return f"cannot import '{missing}': no such module is installed or in the project."
            case ImportError():
                hints = (hint for name, hint in _RENAMED.items() if f"'{name}'" in str(error))
                return " ".join([f"{error}.", *hints])
            case SyntaxError():
                return f"invalid Python: {error.msg}."
            case _:
                return f"importing it raises {type(error).__name__}: {error}"


def _import_tree(
    name: str, import_module: Callable[[str], ModuleType], describer: _Describer
) -> list[ModuleType]:
    modules: list[ModuleType] = []
    problems: dict[str, BaseException] = {}
    pending = [name]
    while pending:
        current = pending.pop(0)
        try:
            module = import_module(current)
        except (Exception, SystemExit) as error:
            problems.setdefault(describer.describe(current, error), error)
            continue
        modules.append(module)
        children = pkgutil.iter_modules(getattr(module, "__path__", ()), prefix=f"{current}.")
        pending += [child.name for child in children if not child.name.endswith(".__main__")]
    if problems:
        raise ActionImportError(tuple(problems)) from next(iter(problems.values()))
    return modules


def find_author_line(error: BaseException, root: Path) -> str | None:
    """Find the innermost line of a traceback in the author's files, as `file:line`."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(root) and "site-packages" not in path.relative_to(root).parts:
            return f"{display_path(frame.filename, root)}:{frame.lineno}"
    return None


def display_path(path: str, root: Path) -> str:
    """Give a path as its author knows it: from the project's folder."""
    return str(Path(path).relative_to(root)) if Path(path).is_relative_to(root) else path


def _folder_of(name: str) -> Path:
    spec = importlib.util.find_spec(name.partition(".")[0])
    origin = spec.origin if spec is not None else None
    if origin is None:
        return Path.cwd()
    folder = Path(origin).parent
    return folder.parent if Path(origin).name == "__init__.py" else folder
