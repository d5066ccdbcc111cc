"""Register an author's actions and run them."""

# pyright: basic
# Whatever authors return passes through here; the signatures are those of rasa_sdk.

from __future__ import annotations

import asyncio
import importlib
import inspect
import logging
import os
import pkgutil
import sys
import warnings
from collections import namedtuple
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from duologue.sdk import actions
from duologue.sdk.call_context import describe_call, entered_call
from duologue.sdk.dispatcher import CollectingDispatcher

from . import utils
from .interfaces import Action, ActionMissingDomainException, ActionNotFoundException, Tracker

if TYPE_CHECKING:
    from ._models import ActionExecutorRunResult, ActionName

__all__ = [
    "Action",
    "ActionExecutor",
    "ActionExecutorRunResult",
    "ActionMissingDomainException",
    "ActionName",
    "ActionNotFoundException",
    "CollectingDispatcher",
    "TimestampModule",
    "Tracker",
]

logger = logging.getLogger(__name__)

TimestampModule = namedtuple("TimestampModule", ["timestamp", "module"])

_NOT_OF_AUTHORS = ("duologue.", "rasa.", "rasa_core.", "rasa_core_sdk.", "rasa_sdk.")


def __getattr__(name: str) -> Any:
    """Give the models on their first use: an action alone does not need pydantic."""
    if name in {"ActionExecutorRunResult", "ActionName"}:
        from . import _models

        return getattr(_models, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class ActionExecutor:
    """The actions of one server."""

    def __init__(self) -> None:
        self.actions: dict[str, Callable] = {}
        self._modules: dict[str, TimestampModule] = {}
        self._registered_packages: set[str] = set()
        self.domain: dict[str, Any] | None = None
        self.domain_digest: str | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave the modules behind, which cannot be pickled; a worker process has its own."""
        return {**self.__dict__, "_modules": {}}

    # Registering

    def register_action(self, action: type[Action] | Action) -> None:
        """Register an action: a class, which is made an instance of, or an instance."""
        if inspect.isclass(action):
            if action.__module__.startswith("rasa."):
                logger.warning(f"Skipping built in Action {action}.")
                return
            action = action()
        if not isinstance(action, actions.Action):
            raise Exception(
                "You can only register instances or subclasses of type Action. If you want to directly register "
                "a function, use `register_function` instead."
            )
        self.register_function(action.name(), action.run)

    def register_function(self, action_name: str, f: Callable) -> None:
        """Register a function that takes a dispatcher, a tracker and a domain."""
        accepted = len(utils.arguments_of(f))
        if accepted < 3:
            raise Exception(
                "You can only register functions that take 3 parameters as arguments. The three parameters your "
                "function will receive are: dispatcher, tracker, domain. Your function accepts only "
                f"{accepted} parameters."
            )
        verb = "Re-registered" if action_name in self.actions else "Registered"
        logger.info(f"{verb} function for '{action_name}'.")
        self.actions[action_name] = f

    def register_package(self, package: str | ModuleType) -> None:
        """Register every action of a module or package; the process ends if it cannot be imported."""
        try:
            self._import_submodules(package)
            if package is not None:
                self._registered_packages.add(package if isinstance(package, str) else package.__name__)
        except ImportError:
            logger.exception(f"Failed to register package '{package}'.")
            sys.exit(1)
        self._register_all_actions()

    def _register_all_actions(self) -> None:
        for found in utils.all_subclasses(actions.Action):
            if not found.__module__.startswith(_NOT_OF_AUTHORS) and not inspect.isabstract(found):
                self.register_action(found)

    def _import_submodules(self, package: str | ModuleType, recursive: bool = True) -> None:
        module = self._import_module(package) if isinstance(package, str) else package
        if not getattr(module, "__path__", None):
            return
        # By their full names: `actions.agents` must not become an installed package `agents`.
        for _, name, is_package in pkgutil.iter_modules(module.__path__, prefix=f"{module.__name__}."):
            self._import_module(name)
            if recursive and is_package:
                self._import_submodules(name)

    def _import_module(self, name: str) -> ModuleType:
        module = importlib.import_module(name)
        # A package without `__init__.py` has no file to watch.
        if path := getattr(module, "__file__", None):
            self._modules[path] = TimestampModule(os.path.getmtime(path), module)
        return module

    # Reloading

    def reload(self) -> None:
        """Import changed modules again, and new modules of the registered packages."""
        # Both, whatever the first finds.
        was_changed = self._reload_changed_modules()
        has_new = self._import_new_modules()
        if was_changed or has_new:
            self._register_all_actions()

    def _find_modules_to_reload(self) -> dict[str, TimestampModule]:
        changed: dict[str, TimestampModule] = {}
        for path, (timestamp, module) in self._modules.items():
            try:
                modified = os.path.getmtime(path)
            except OSError:
                continue
            if modified > timestamp:
                changed[path] = TimestampModule(modified, module)
        return changed

    def _reload_changed_modules(self) -> bool:
        was_changed = False
        for path, (timestamp, module) in self._find_modules_to_reload().items():
            try:
                reloaded = importlib.reload(module)
            except (SyntaxError, ImportError):
                logger.exception(
                    f"Error while reloading module/package: '{module.__name__}' (file: '{path}'):"
                )
                logger.info("Please fix the error(s) in the Python file and try again.")
                continue
            self._modules[path] = TimestampModule(timestamp, reloaded)
            logger.info(f"Reloaded module/package: '{module.__name__}' (file: '{path}')")
            was_changed = True
        return was_changed

    def _import_new_modules(self) -> bool:
        has_new = False
        for package in self._registered_packages:
            known = set(self._modules)
            try:
                self._import_submodules(package)
            except ImportError:
                logger.exception(f"Error while scanning package '{package}' for new modules:")
                continue
            for path in self._modules.keys() - known:
                logger.info(f"Discovered new module: '{path}'")
                has_new = True
        return has_new

    # Running

    async def run(
        self,
        action_call: dict[str, Any],
        sink: asyncio.Queue | None = None,
        dispatcher: CollectingDispatcher | None = None,
    ) -> ActionExecutorRunResult | None:
        """Run the action a call names; what it streams goes to `sink`, and its result or error last of all."""
        action_name = action_call.get("next_action")
        if not action_name:
            logger.warning("Received an action call without an action.")
            return None
        logger.debug(f"Received request to run '{action_name}'")
        try:
            result = await self._perform(action_name, action_call, sink, dispatcher)
            if sink is not None:
                await sink.put({"event": "stream_done", "result": result})
        except Exception as error:
            if sink is not None:
                await sink.put({"event": "stream_error", "exception": error})
            raise
        logger.debug(f"Finished running '{action_name}'")
        return result

    async def run_streaming(
        self, action_call: dict[str, Any], sink: asyncio.Queue
    ) -> ActionExecutorRunResult | None:
        """Run the action a call names; what it streams goes to `sink`."""
        return await self.run(action_call, sink=sink)

    async def _perform(
        self,
        action_name: str,
        action_call: dict[str, Any],
        sink: asyncio.Queue | None,
        dispatcher: CollectingDispatcher | None,
    ) -> ActionExecutorRunResult:
        action = self.actions.get(action_name)
        if not action:
            raise ActionNotFoundException(action_name)
        state = action_call["tracker"]
        domain = self.update_and_return_domain(action_call, action_name)
        tracker = Tracker.from_dict(state)
        if dispatcher is None:
            dispatcher = CollectingDispatcher()
        if sink is not None:
            dispatcher._stream_sink = sink.put
        with entered_call(describe_call(action_call)):
            events = await utils.call_potential_coroutine(action(dispatcher, tracker, domain))
        if dispatcher.is_streaming_active:
            logger.warning(
                f"Action '{action_name}' called stream_start() / stream_chunk() but never called stream_end(). "
                "Closing the stream automatically."
            )
            await dispatcher.stream_end()
        return self._create_api_response(self.validate_events(events or [], action_name), dispatcher.messages)

    @staticmethod
    def _create_api_response(
        events: list[dict[str, Any]], messages: list[dict[str, Any]]
    ) -> ActionExecutorRunResult:
        from ._models import ActionExecutorRunResult

        return ActionExecutorRunResult(events=events, responses=messages)

    @staticmethod
    def validate_events(events: list[dict[str, Any]], action_name: str) -> list[dict[str, Any]]:
        """Give the events that are events; the others are named in the log and left out."""
        validated = []
        for event in events:
            if isinstance(event, dict) and event.get("event"):
                validated.append(event)
            elif isinstance(event, dict):
                logger.error(
                    f"Your action '{action_name}' returned an action dict without the `event` property. Please use "
                    "the helpers in `rasa_sdk.events`! Event will be ignored!"
                )
                logger.debug(f"Contents of ignored event: '{event}'")
            elif type(event).__module__ == "rasa.core.events":
                warnings.warn(
                    "Your action should not return Rasa actions within the SDK. Instead of using events from "
                    "`rasa.core.events`, you should use the ones provided in `rasa_sdk.events`! We will try to make "
                    "this work, but this might go wrong!",
                    stacklevel=2,
                )
                validated.append(event.as_dict())
            else:
                logger.error(
                    f"Your action's '{action_name}' run method returned an invalid event. Event will be ignored."
                )
                logger.debug(f"Contents of ignored event: '{event}'")
        return validated

    # The domain

    def is_domain_digest_valid(self, domain_digest: str | None) -> bool:
        """Say whether the domain known here has this digest."""
        return bool(self.domain_digest) and self.domain_digest == domain_digest

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any] | None:
        """Keep the domain of a call, if it has one; give the domain known here."""
        domain, digest = payload.get("domain"), payload.get("domain_digest")
        if domain is None and not self.is_domain_digest_valid(digest):
            raise ActionMissingDomainException(action_name)
        if domain:
            self.domain, self.domain_digest = domain, digest
        return self.domain

    def list_actions(self) -> list[ActionName]:
        """Give the names of all actions."""
        from ._models import ActionName

        return [ActionName(name=name) for name in self.actions]
