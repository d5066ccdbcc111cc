"""Import a project's Python code so that two projects in one process never see each other's modules.

Each project gets a private package; `import actions.db` inside its modules means *its* `actions.db`. The rule is
lexical: it is carried by the `__import__` in the modules' builtins, so that it also holds for imports inside
functions, in threads and in tasks.
"""

import builtins
import importlib
import itertools
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

_numbers = itertools.count(1)
_NEVER_PRIVATE = frozenset({"duologue", "rasa_sdk"})


class AuthorCode:
    """The modules of one project folder, under a private package; also the finder that imports them."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.namespace = f"duologue_project_{next(_numbers)}"
        self._path = [str(self.root)]
        self._global_path = frozenset(sys.path)
        package = ModuleType(self.namespace, f"The code in {self.root}.")
        package.__path__ = self._path
        sys.modules[self.namespace] = package
        sys.meta_path.insert(0, self)
        self._builtins = {**vars(builtins), "__import__": self._import}
        self._importlib = self._build_importlib()

    def owns(self, name: str) -> bool:
        """Say whether a top-level name means a module of this project."""
        if name in _NEVER_PRIVATE or name in sys.stdlib_module_names:
            return False
        if f"{self.namespace}.{name}" in sys.modules:
            return True
        spec = PathFinder.find_spec(name, self._search_path())
        if spec is None:
            return False
        # A folder without `__init__.py` gives way to an installed package of that name, as it does in Python.
        return spec.loader is not None or _find_installed(name) is None

    def import_module(self, name: str, package: str | None = None) -> ModuleType:
        """Import a module of this project, or any other, by its absolute name."""
        if not name.startswith(".") and self.owns(name.partition(".")[0]):
            name = f"{self.namespace}.{name}"
        return importlib.import_module(name, package)

    def modules(self) -> list[ModuleType]:
        """Give the project's modules imported so far."""
        prefix = f"{self.namespace}."
        return [module for name, module in list(sys.modules.items()) if name.startswith(prefix)]

    def public_text(self, text: str) -> str:
        """Take the private package's name out of a text."""
        return text.replace(f"{self.namespace}.", "")

    def withdraw_paths(self) -> None:
        """Take folders of this project that its code put on `sys.path` off again; the project goes on seeing them."""
        self._search_path()
        sys.path[:] = [entry for entry in sys.path if entry in self._global_path or entry not in self._path]

    def forget(self) -> None:
        """Let go of every module of this project."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        for name in [name for name in sys.modules if name.split(".")[0] == self.namespace]:
            del sys.modules[name]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of the private package; Python's import system calls this."""
        if not fullname.startswith(f"{self.namespace}."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _AuthorLoader(fullname, spec.loader.path, self._builtins)
        return spec

    # The parameters are those of `__import__`; namespaces are any Python objects.
    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        top = name.partition(".")[0]
        if level == 0 and self.owns(top):
            module = builtins.__import__(f"{self.namespace}.{name}", globals, locals, fromlist or (), 0)
            return module if fromlist else sys.modules[f"{self.namespace}.{top}"]
        module = builtins.__import__(name, globals, locals, fromlist or (), level)
        return self._importlib if module is importlib else module

    def _build_importlib(self) -> ModuleType:
        """Build an `importlib` whose `import_module` keeps to the same rule."""
        proxy = ModuleType("importlib", importlib.__doc__)
        vars(proxy).update(vars(importlib))
        vars(proxy)["import_module"] = self.import_module
        vars(proxy)["__getattr__"] = partial(getattr, importlib)
        return proxy

    def _search_path(self) -> list[str]:
        for entry in sys.path:
            if entry not in self._path and entry not in self._global_path and self._is_inside(entry):
                self._path.append(entry)
        return self._path

    def _is_inside(self, entry: str) -> bool:
        path = Path(entry).resolve()
        return path.is_relative_to(self.root) and "site-packages" not in path.parts


class _AuthorLoader(SourceFileLoader):
    """Runs a module with the project's own `__import__`, always from its source: it may have just been edited."""

    def __init__(self, fullname: str, path: str, namespace_builtins: dict[str, Any]) -> None:
        super().__init__(fullname, path)
        self._builtins = namespace_builtins

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = self._builtins
        exec(self.get_code(module.__name__), vars(module))


def _find_installed(name: str) -> ModuleSpec | None:
    """Find a regular module or package of that name on `sys.path`."""
    spec = PathFinder.find_spec(name)
    return spec if spec is not None and spec.loader is not None else None
