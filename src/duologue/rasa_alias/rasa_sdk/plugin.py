"""Plugins that add to the action server."""

# pyright: basic
# pluggy and sanic need not be installed where this is checked.

import functools
import logging
import sys

import pluggy
from sanic import Sanic  # pyright: ignore[reportMissingImports]

logger = logging.getLogger(__name__)

hookspec = pluggy.HookspecMarker("rasa_sdk")


@functools.lru_cache(maxsize=2)
def plugin_manager() -> pluggy.PluginManager:
    """Give the manager of this process, with the plugins of the package `rasa_sdk_plugins`, if there is one."""
    manager = pluggy.PluginManager("rasa_sdk")
    manager.add_hookspecs(sys.modules[__name__])
    _discover_plugins(manager)
    return manager


def _discover_plugins(manager: pluggy.PluginManager) -> None:
    try:
        import rasa_sdk_plugins  # pyright: ignore[reportMissingImports]

        rasa_sdk_plugins.init_hooks(manager)
    except ModuleNotFoundError as error:
        logger.debug(f"No plugins found: {error}")


@hookspec
def attach_sanic_app_extensions(app: Sanic) -> None:
    """Add listeners, routes and middleware to the app before it serves."""
