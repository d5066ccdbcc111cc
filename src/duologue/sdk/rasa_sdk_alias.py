"""Let `import rasa_sdk` work, with our classes, where no `rasa_sdk` is installed."""

import importlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType

_TRACKER = {"Tracker": "tracker", "ACTION_LISTEN_NAME": "tracker", "NLU_FALLBACK_INTENT_NAME": "tracker"}
_EVENTS = (
    "ActionExecuted ActionExecutionRejected ActionReverted ActiveLoop AgentUttered AllSlotsReset BotUttered "
    "ConversationPaused ConversationResumed EventType FollowupAction Form FormValidation LoopInterrupted "
    "ReminderCancelled ReminderScheduled Restarted SessionEnded SessionStarted SlotSet StoryExported "
    "UserUtteranceReverted UserUttered"
)
_CONSTANTS = (
    "ACTION_SERVER_STREAM_BARGE_IN_TIMEOUT_SECONDS_ENV_VAR APPLICATION_ROOT_LOGGER_NAME DEFAULT_ENCODING "
    "DEFAULT_ENDPOINTS_PATH DEFAULT_KEEP_ALIVE_TIMEOUT DEFAULT_LOG_LEVEL_LIBRARIES DEFAULT_SANIC_WORKERS "
    "DEFAULT_SERVER_PORT DEFAULT_STREAM_BARGE_IN_TIMEOUT_SECONDS ENV_LOG_LEVEL_LIBRARIES ENV_SANIC_WORKERS "
    "NO_GRACE_PERIOD PYTHON_LOGGING_SCHEMA_DOCS YAML_VERSION"
)
_TOOLS = (
    "Button Element Singleton all_subclasses arguments_of call_potential_coroutine file_as_bytes read_file "
    "read_yaml read_yaml_file"
)
_FILE_ERRORS = "FileIOException FileNotFoundException YamlSyntaxException"
_MENTIONS = (
    "SLOT_ATTRIBUTE SLOT_LAST_OBJECT SLOT_LAST_OBJECT_TYPE SLOT_LISTED_OBJECTS SLOT_MENTION SLOT_OBJECT_TYPE "
    "get_attribute_slots get_object_name match_extracted_entities_to_object_type reset_attribute_slots "
    "resolve_mention"
)


def _all_from(names: str, home: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), home)


_MISSING_DOMAIN = {"ACTION_MISSING_DOMAIN_DEFAULT_MESSAGE": "rasa_names.constants"}
_CALL_ERRORS = {
    "ActionNotFoundException": "errors:ActionNotFound",
    "ActionMissingDomainException": "errors:ActionMissingDomain",
}

# Module of `rasa_sdk` -> its names -> where each is among ours: `module` or, if it has another name, `module:name`.
ALIASES: Mapping[str, Mapping[str, str]] = {
    "rasa_sdk": {
        "Action": "actions",
        "ActionExecutionRejection": "errors",
        "FormValidationAction": "forms",
        "Tracker": "tracker",
        "ValidationAction": "forms",
        "__version__": "rasa_names.constants:RASA_SDK_VERSION",
    },
    "rasa_sdk.version": {"__version__": "rasa_names.constants:RASA_SDK_VERSION"},
    "rasa_sdk.interfaces": {
        **_TRACKER,
        **_CALL_ERRORS,
        **_MISSING_DOMAIN,
        "Action": "actions",
        "ActionExecutionRejection": "errors",
        "EventType": "payloads",
    },
    "rasa_sdk.events": _all_from(_EVENTS, "events"),
    "rasa_sdk.executor": {
        **_CALL_ERRORS,
        "Action": "actions",
        "ActionExecutor": "executor",
        "CollectingDispatcher": "dispatcher",
        "Tracker": "tracker",
    },
    "rasa_sdk.forms": {
        **_all_from("ACTION_VALIDATE_SLOT_MAPPINGS LOOP_INTERRUPTED_KEY REQUESTED_SLOT", "forms"),
        **_all_from("FormValidationAction ValidationAction", "forms"),
        **_all_from("EventType SlotSet", "events"),
        "Action": "actions",
    },
    "rasa_sdk.types": _all_from("ActionCall DomainDict TrackerState", "payloads"),
    "rasa_sdk.slots": {"SlotMapping": "slots"},
    "rasa_sdk.utils": {
        **_all_from(_TOOLS, "rasa_names.toolbox"),
        **_all_from(_FILE_ERRORS, "rasa_names.file_errors"),
        **_all_from("DEFAULT_ENCODING YAML_VERSION", "rasa_names.constants"),
    },
    "rasa_sdk.constants": _all_from(_CONSTANTS, "rasa_names.constants"),
    "rasa_sdk.exceptions": _all_from(_FILE_ERRORS, "rasa_names.file_errors"),
    "rasa_sdk.grpc_errors": _all_from(
        "ActionExecutionFailed ResourceNotFound ResourceNotFoundType", "rasa_names.call_errors"
    ),
    "rasa_sdk.knowledge_base": {},
    "rasa_sdk.knowledge_base.actions": {
        **_all_from(_MENTIONS, "knowledge_base.mentions"),
        "ActionQueryKnowledgeBase": "knowledge_base.query",
        "KnowledgeBase": "knowledge_base.storage",
    },
    "rasa_sdk.knowledge_base.storage": _all_from(
        "InMemoryKnowledgeBase KnowledgeBase", "knowledge_base.storage"
    ),
    "rasa_sdk.knowledge_base.utils": {**_all_from(_MENTIONS, "knowledge_base.mentions"), "SlotSet": "events"},
    "rasa_sdk.tracing": {},
    "rasa_sdk.tracing.tracer_register": {"ActionExecutorTracerRegister": "rasa_names.tracing"},
    "rasa_sdk.tracing.utils": _all_from("get_tracer_and_context set_span_attributes", "rasa_names.tracing"),
}

_SERVER_PARTS = frozenset(
    {
        "__main__",
        "cli",
        "cors",
        "endpoint",
        "grpc_py",
        "grpc_server",
        "plugin",
        "tracing.config",
        "tracing.endpoints",
    }
)


def install_alias() -> None:
    """Make `rasa_sdk` importable, unless it is already: an installed one always wins."""
    if "rasa_sdk" not in sys.modules and importlib.util.find_spec("rasa_sdk") is None:
        sys.meta_path.append(_AliasFinder())


def remove_alias() -> None:
    """Take back what `install_alias` did."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _AliasFinder)]
    for name, module in list(sys.modules.items()):
        if isinstance(getattr(module, "__loader__", None), _AliasLoader):
            del sys.modules[name]


class _AliasFinder:
    """Stands last among Python's finders, so that it is asked only for what nobody else has."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in ALIASES:
            is_package = any(name.startswith(f"{fullname}.") for name in ALIASES)
            return ModuleSpec(fullname, _AliasLoader(), origin="duologue.sdk", is_package=is_package)
        if fullname.startswith("rasa_sdk.") and fullname.removeprefix("rasa_sdk.") in _SERVER_PARTS:
            raise ModuleNotFoundError(
                f"'{fullname}' belongs to Rasa's own action server and is not part of duologue; start the actions "
                "with `duologue actions`.",
                name=fullname,
            )
        return None


class _AliasLoader(Loader):
    """Fills a module of `rasa_sdk` with our names."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        prefix = f"{module.__name__}."
        for name, home in ALIASES[module.__name__].items():
            source, _, original = home.partition(":")
            value = getattr(importlib.import_module(f"duologue.sdk.{source}"), original or name)
            setattr(module, name, value)
        module.__doc__ = f"The names of `{module.__name__}`, as duologue.sdk has them."

        def find_submodule(name: str) -> ModuleType:
            # `import rasa_sdk` alone makes `rasa_sdk.events` reachable.
            if prefix + name in ALIASES:
                return importlib.import_module(prefix + name)
            raise AttributeError(f"module '{module.__name__}' has no attribute '{name}'")

        vars(module)["__getattr__"] = find_submodule
