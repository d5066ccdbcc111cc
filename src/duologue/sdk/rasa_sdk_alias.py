"""Let `import rasa_sdk` work, with our package of that name, where no other is installed."""

import importlib
import importlib.util
import sys
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "rasa_alias"


def install_alias() -> None:
    """Make `rasa_sdk` importable, unless it is already: an installed one always wins."""
    if "rasa_sdk" not in sys.modules and importlib.util.find_spec("rasa_sdk") is None:
        sys.path.append(str(_FOLDER))
        importlib.invalidate_caches()


def remove_alias() -> None:
    """Take back what `install_alias` did."""
    sys.path[:] = [entry for entry in sys.path if entry != str(_FOLDER)]
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and Path(file).is_relative_to(_FOLDER):
            del sys.modules[name]
