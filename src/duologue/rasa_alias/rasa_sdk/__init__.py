"""The names of `rasa_sdk`, for code that imports them where Rasa's own package is not installed."""

import importlib
import logging
from types import ModuleType

from .forms import FormValidationAction, ValidationAction
from .interfaces import Action, ActionExecutionRejection, Tracker
from .version import __version__

__all__ = [
    "Action",
    "ActionExecutionRejection",
    "FormValidationAction",
    "Tracker",
    "ValidationAction",
    "__version__",
]

logger = logging.getLogger(__name__)

_ON_USE = frozenset({"cli", "constants", "executor", "plugin", "slots", "types"})


def __getattr__(name: str) -> ModuleType:
    """Import a module on its first use: `rasa_sdk.plugin` needs packages that an action alone does not."""
    if name in _ON_USE:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
