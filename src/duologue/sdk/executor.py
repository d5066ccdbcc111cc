"""Register an author's actions and run them."""

import difflib
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from duologue.sdk.actions import Action, FunctionAction
from duologue.sdk.author_code import AuthorCode
from duologue.sdk.call_context import describe_call, entered_call
from duologue.sdk.calling import call_author, workers_for_plain_functions
from duologue.sdk.daemon_threads import DaemonThreads
from duologue.sdk.discovery import RegisteredAction, describe_action, find_actions, locate, require_run
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.errors import (
    ActionExecutionRejection,
    ActionFailedError,
    ActionImportError,
    ActionNotFound,
    ActionRegistrationError,
)
from duologue.sdk.http import HttpClients, offered_clients
from duologue.sdk.package_import import (
    find_author_line,
    import_installed_package,
    import_project_package,
    is_installed,
)
from duologue.sdk.payloads import ActionResult
from duologue.sdk.rasa_sdk_alias import install_alias
from duologue.sdk.results import ResultChecker
from duologue.sdk.secrets import SecretProvider, offered_secrets
from duologue.sdk.tracker import Tracker
from duologue.telemetry.action_spans import (
    describe_result,
    describe_validation,
    open_executor_span,
    open_validation_span,
)
from duologue.wire.members import is_object

DEFAULT_THREADS = 32


class ActionExecutor:
    """The actions of one assistant.

    Plain `run` methods execute on up to `threads` worker threads, `async` ones on the event loop. `get_secret` asks
    `secrets`, by default the environment; `get_http_client` gives a client of `http`.
    """

    def __init__(
        self,
        *,
        threads: int = DEFAULT_THREADS,
        secrets: SecretProvider | None = None,
        http: HttpClients | None = None,
    ) -> None:
        self._actions: dict[str, RegisteredAction] = {}
        self._code: dict[Path, AuthorCode] = {}
        self._workers = DaemonThreads(threads, name="duologue-action")
        self._secrets = secrets
        self._http = http or HttpClients()

    # Registering

    def register_package(self, package: str | Path, *, root: Path | None = None) -> None:
        """Register every action of a module or package and its submodules.

        A name is looked up in the folder `root` (by default the current one), then among what is installed. A path
        is a folder or a file. A project's code is imported afresh, for this executor alone.
        """
        install_alias()
        if isinstance(package, Path):
            root, package = _split_path(package)
        folder = (root or Path.cwd()).resolve()
        code = self._code_in(folder)
        if code.owns(package.partition(".")[0]):
            modules = import_project_package(code, package)
        elif is_installed(package):
            modules = import_installed_package(package)
        else:
            problem = f"There is no module or package '{package}' in {folder}, nor an installed one."
            raise ActionImportError((problem,))
        for found in find_actions(modules, folder):
            self._add(found)

    def register_action(self, action: Action | type[Action] | FunctionAction) -> None:
        """Register a class, an instance, or a function marked with `@action`."""
        found = describe_action(action)
        if found is None:
            label = getattr(action, "__qualname__", type(action).__qualname__)
            raise ActionRegistrationError(f"{label} has no name(): let it return the action's name.")
        self._add(found)

    def register_function(self, name: str, function: Any) -> None:
        """Register a function, plain or `async`, that takes a dispatcher, a tracker and a domain."""
        place, folder = locate(function, None)
        require_run(function, name, place)
        self._add(RegisteredAction(name=name, run=function, owner=None, place=place, root=folder))

    def names(self) -> list[str]:
        """Give the names of all actions, in alphabetical order."""
        return sorted(self._actions)

    def place_of(self, name: str) -> str:
        """Tell where an action's code is, as `file:line`."""
        return self._require(name).place

    def is_remembered(self, name: str) -> bool:
        """Say whether an action's results may be kept for calls that are repeated; False for unknown names."""
        found = self._actions.get(name)
        return found is not None and found.remember

    # Running

    async def run(
        self, call: Mapping[str, Any], dispatcher: CollectingDispatcher | None = None
    ) -> ActionResult:
        """Run the action a call names; give a dispatcher to stream its messages.

        Raises:
            ActionNotFound: nothing of that name is registered.
            ActionExecutionRejection: the action declined.
            ActionFailedError: it raised, or returned something that is not a list of events.
        """
        context = describe_call(call)
        action = self._require(context.action_name)
        dispatcher = dispatcher or CollectingDispatcher()
        tracker = Tracker.from_dict({"sender_id": context.sender_id, **(call.get("tracker") or {})})
        with (
            entered_call(context),
            workers_for_plain_functions(self._workers),
            offered_secrets(self._secrets),
            offered_clients(self._http),
            open_executor_span(action_name=context.action_name, sender_id=context.sender_id) as span,
        ):
            events = await self._perform(action, dispatcher, tracker, call.get("domain") or {})
            checker = ResultChecker(action_name=action.name, place=action.place)
            result = checker.check(events, dispatcher.messages)
            describe_result(span, result["events"], result["responses"])
        return result

    async def _perform(
        self, action: RegisteredAction, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> Any:
        try:
            if action.checks_slots_of is not None:
                events = await _check_slots(action, dispatcher, tracker, domain)
            else:
                events = await call_author(action.run, dispatcher, tracker, domain)
            if dispatcher.is_streaming_active:
                await dispatcher.stream_end()
        except (Exception, SystemExit) as error:
            if isinstance(error, ActionExecutionRejection):
                raise
            raise _translate(error, action) from error
        return events

    # Housekeeping

    async def close_connections(self) -> None:
        """Close the connections of `get_http_client`; `close` does it too, but cannot wait for it."""
        await self._http.close()

    def close(self) -> None:
        """Let go of the project's modules, the worker threads and the connections."""
        self._http.close_soon()
        self._workers.shutdown(wait=False, cancel_futures=True)
        for code in self._code.values():
            code.forget()
        self._code.clear()
        self._actions.clear()

    def _code_in(self, folder: Path) -> AuthorCode:
        if folder not in self._code:
            self._code[folder] = code = AuthorCode(folder)
            # An executor that is dropped without `close` leaves nothing behind either.
            weakref.finalize(self, code.forget)
        return self._code[folder]

    def _add(self, found: RegisteredAction) -> None:
        known = self._actions.get(found.name)
        if known is None or _replaces(found, known):
            self._actions[found.name] = found
        elif not _replaces(known, found):
            raise ActionRegistrationError(
                f"Action '{found.name}' is there twice, at {known.place} and at {found.place}; rename one of them."
            )

    def _require(self, name: str) -> RegisteredAction:
        if found := self._actions.get(name):
            return found
        if not name:
            raise ActionNotFound(name, "The call names no action; set 'next_action'.")
        nearest = difflib.get_close_matches(name, self._actions, n=1)
        hint = f"; did you mean '{nearest[0]}'?" if nearest else "."
        raise ActionNotFound(name, f"No action named '{name}' is registered{hint}")


async def _check_slots(
    action: RegisteredAction, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
) -> Any:
    span = open_validation_span(
        class_name=action.owner.__name__ if action.owner else action.name,
        action_name=action.name,
        sender_id=tracker.sender_id,
        slots_to_validate=list(tracker.slots_to_validate()),
        is_form=action.checks_slots_of == "form",
    )
    with span as opened:
        events: Any = await call_author(action.run, dispatcher, tracker, domain)
        # What is not a list of events is refused later.
        found = cast("list[object]", events) if isinstance(events, list) else []
        describe_validation(opened, [event for event in found if is_object(event)])
    return cast("Any", events)


def _replaces(found: RegisteredAction, known: RegisteredAction) -> bool:
    """Say whether one action is meant to stand for the other: the same code again, or a subclass of its class."""
    if found.place == known.place:
        return True
    return found.owner is not None and known.owner is not None and issubclass(found.owner, known.owner)


def _translate(error: BaseException, action: RegisteredAction) -> Exception:
    # An installed rasa_sdk has a rejection of its own, which is not ours.
    if type(error).__name__ == "ActionExecutionRejection":
        return ActionExecutionRejection(getattr(error, "action_name", action.name), str(error))
    place = find_author_line(error, action.root) or action.place
    return ActionFailedError(
        action.name, f"Action '{action.name}' failed at {place}: {type(error).__name__}: {error}"
    )


def _split_path(path: Path) -> tuple[Path, str]:
    """Give the folder that absolute imports start from, and the module's name there."""
    path = path.resolve()
    parts = [path.stem if path.suffix == ".py" else path.name]
    folder = path.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)
