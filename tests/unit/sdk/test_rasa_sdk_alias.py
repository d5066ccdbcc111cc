"""Code written for `rasa_sdk` runs without it, and with it."""

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from duologue import sdk
from duologue.sdk.errors import ActionExecutionRejection, ActionRegistrationError
from duologue.sdk.executor import ActionExecutor
from duologue.sdk.rasa_sdk_alias import install_alias, remove_alias
from duologue.sdk.results import ResultChecker

WriteProject = Callable[..., Path]

# The public names of rasa_sdk 3.21 that authors use; functions with their parameters.
PUBLIC_NAMES = {
    "rasa_sdk": """
        Action ActionExecutionRejection(action_name,message) FormValidationAction ValidationAction __version__
        Tracker(sender_id,slots,latest_message,events,paused,followup_action,active_loop,latest_action_name,stack,user_id)
    """,
    "rasa_sdk.version": "__version__",
    "rasa_sdk.interfaces": """
        ACTION_LISTEN_NAME ACTION_MISSING_DOMAIN_DEFAULT_MESSAGE Action EventType NLU_FALLBACK_INTENT_NAME Tracker
        ActionExecutionRejection ActionMissingDomainException(action_name,message)
        ActionNotFoundException(action_name,message)
    """,
    "rasa_sdk.events": """
        EventType
        ActionExecuted(action_name,policy,confidence,timestamp)
        ActionExecutionRejected(action_name,policy,confidence,timestamp)
        ActionReverted(timestamp) ActiveLoop(name,timestamp) AgentUttered(text,data,timestamp)
        AllSlotsReset(timestamp) BotUttered(text,data,metadata,timestamp) ConversationPaused(timestamp)
        ConversationResumed(timestamp) FollowupAction(name,timestamp) Form(name,timestamp)
        FormValidation(validate,timestamp) LoopInterrupted(is_interrupted,timestamp)
        ReminderCancelled(name,intent_name,entities,timestamp)
        ReminderScheduled(intent_name,trigger_date_time,entities,name,kill_on_user_message,timestamp)
        Restarted(timestamp) SessionEnded(timestamp,metadata) SessionStarted(timestamp)
        SlotSet(key,value,timestamp) StoryExported(timestamp) UserUtteranceReverted(timestamp)
        UserUttered(text,parse_data,timestamp,input_channel)
    """,
    "rasa_sdk.executor": """
        Action ActionExecutor ActionMissingDomainException ActionNotFoundException CollectingDispatcher Tracker
    """,
    "rasa_sdk.forms": """
        ACTION_VALIDATE_SLOT_MAPPINGS Action EventType FormValidationAction LOOP_INTERRUPTED_KEY REQUESTED_SLOT
        SlotSet ValidationAction
    """,
    "rasa_sdk.types": "ActionCall DomainDict TrackerState",
    "rasa_sdk.slots": "SlotMapping",
    "rasa_sdk.utils": """
        Button DEFAULT_ENCODING Element FileIOException FileNotFoundException Singleton YAML_VERSION
        YamlSyntaxException(filename,underlying_yaml_exception) all_subclasses(cls) arguments_of(func)
        call_potential_coroutine(coroutine_or_return_value) file_as_bytes(file_path) read_file(filename,encoding)
        read_yaml(content,reader_type) read_yaml_file(filename)
    """,
    "rasa_sdk.constants": """
        ACTION_SERVER_STREAM_BARGE_IN_TIMEOUT_SECONDS_ENV_VAR APPLICATION_ROOT_LOGGER_NAME DEFAULT_ENCODING
        DEFAULT_ENDPOINTS_PATH DEFAULT_KEEP_ALIVE_TIMEOUT DEFAULT_LOG_LEVEL_LIBRARIES DEFAULT_SANIC_WORKERS
        DEFAULT_SERVER_PORT DEFAULT_STREAM_BARGE_IN_TIMEOUT_SECONDS ENV_LOG_LEVEL_LIBRARIES ENV_SANIC_WORKERS
        NO_GRACE_PERIOD PYTHON_LOGGING_SCHEMA_DOCS YAML_VERSION
    """,
    "rasa_sdk.exceptions": "FileIOException FileNotFoundException YamlSyntaxException",
    "rasa_sdk.grpc_errors": """
        ActionExecutionFailed(action_name,message) ResourceNotFound(action_name,message,resource_type)
        ResourceNotFoundType
    """,
    "rasa_sdk.knowledge_base.actions": """
        ActionQueryKnowledgeBase(knowledge_base,use_last_object_mention) KnowledgeBase SLOT_ATTRIBUTE
        SLOT_LAST_OBJECT SLOT_LAST_OBJECT_TYPE SLOT_LISTED_OBJECTS SLOT_MENTION SLOT_OBJECT_TYPE
    """,
    "rasa_sdk.knowledge_base.storage": "InMemoryKnowledgeBase(data_file) KnowledgeBase",
    "rasa_sdk.knowledge_base.utils": """
        SLOT_ATTRIBUTE SLOT_LAST_OBJECT SLOT_LAST_OBJECT_TYPE SLOT_LISTED_OBJECTS SLOT_MENTION SLOT_OBJECT_TYPE
        SlotSet get_attribute_slots(tracker,object_attributes)
        get_object_name(tracker,ordinal_mention_mapping,use_last_object_mention)
        match_extracted_entities_to_object_type(tracker,object_types)
        reset_attribute_slots(tracker,object_attributes) resolve_mention(tracker,ordinal_mention_mapping)
    """,
    "rasa_sdk.tracing.tracer_register": "ActionExecutorTracerRegister",
    "rasa_sdk.tracing.utils": """
        get_tracer_and_context(span_name,tracer_provider,tracing_carrier) set_span_attributes(span,action_call)
    """,
}

PUBLIC_METHODS = {
    "Tracker": """
        from_dict(state) current_state() current_slot_values() get_slot(key)
        get_latest_entity_values(entity_type,entity_role,entity_group) get_latest_input_channel() is_paused()
        idx_after_latest_restart() events_after_latest_restart() copy() last_executed_action_has(name,skip)
        get_last_event_for(event_type,exclude,skip) applied_events() slots_to_validate() add_slots(slots)
        get_intent_of_latest_message(skip_fallback_intent) active_form active_loop_name
    """,
    "CollectingDispatcher": """
        utter_message(text,image,json_message,template,response,attachment,buttons,elements,kwargs)
        stream_start() stream_chunk(text,image,json_message,attachment,buttons,elements,kwargs) stream_end()
        cancel_stream() is_streaming_active is_streaming_cancelled utter_custom_message(elements,kwargs)
        utter_elements(elements,kwargs) utter_button_message(text,buttons,kwargs) utter_attachment(attachment,kwargs)
        utter_button_template(template,buttons,tracker,silent_fail,kwargs)
        utter_template(template,tracker,silent_fail,kwargs) utter_custom_json(json_message,kwargs)
        utter_image_url(image,kwargs)
    """,
    "FormValidationAction": """
        name() form_name() run(dispatcher,tracker,domain) domain_slots(domain) global_slots(domain)
        required_slots(domain_slots,dispatcher,tracker,domain) next_requested_slot(dispatcher,tracker,domain)
        get_extraction_events(dispatcher,tracker,domain) get_validation_events(dispatcher,tracker,domain)
    """,
}


@pytest.fixture
def alias() -> Iterator[None]:
    install_alias()
    yield
    remove_alias()


def parameters_of(found: Any) -> list[str]:
    return [name for name in inspect.signature(found).parameters if name != "self"]


def assert_public(owner: Any, declared: str) -> None:
    for entry in declared.split():
        name, has_parameters, parameters = entry.rstrip(")").partition("(")
        assert hasattr(owner, name), f"{owner.__name__}.{name}"
        if has_parameters:
            assert parameters_of(getattr(owner, name)) == parameters.split(",") * bool(parameters), name


@pytest.mark.usefixtures("alias")
@pytest.mark.parametrize("module_name", PUBLIC_NAMES)
def test_every_public_name_is_there_with_its_parameters(module_name: str) -> None:
    assert_public(importlib.import_module(module_name), PUBLIC_NAMES[module_name])


@pytest.mark.parametrize("class_name", PUBLIC_METHODS)
def test_every_public_method_is_there_with_its_parameters(class_name: str) -> None:
    assert_public(getattr(sdk, class_name), PUBLIC_METHODS[class_name])


@pytest.mark.usefixtures("alias")
def test_the_classes_are_ours_whichever_way_they_are_imported() -> None:
    namespace: dict[str, Any] = {}
    exec(
        "import rasa_sdk\n"
        "from rasa_sdk import Action, utils\n"
        "from rasa_sdk.events import *\n"
        "import rasa_sdk.knowledge_base.storage as storage\n"
        "slot = rasa_sdk.events.SlotSet('a')\n"
        "dispatcher = rasa_sdk.executor.CollectingDispatcher()\n",
        namespace,
    )

    assert issubclass(namespace["Action"], sdk.Action)
    assert namespace["slot"] == namespace["SlotSet"]("a")
    assert isinstance(namespace["dispatcher"], sdk.CollectingDispatcher)
    assert namespace["utils"].Button(title="b") == {"title": "b"}
    assert namespace["rasa_sdk"].__version__.startswith("3.")
    assert hasattr(namespace["storage"], "InMemoryKnowledgeBase")


@pytest.mark.usefixtures("alias")
def test_an_unknown_name_is_an_ordinary_error() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"rasa_sdk\.nothing"):
        importlib.import_module("rasa_sdk.nothing")
    with pytest.raises(AttributeError, match="'rasa_sdk' has no attribute 'nothing'"):
        _ = importlib.import_module("rasa_sdk").nothing


def test_the_alias_comes_once_and_goes_without_trace() -> None:
    path = list(sys.path)
    install_alias()
    install_alias()
    importlib.import_module("rasa_sdk.events")
    assert len(sys.path) == len(path) + 1

    remove_alias()

    assert sys.path == path
    assert not [name for name in sys.modules if name.startswith("rasa_sdk")]


# With a rasa_sdk installed: this one stands for it, with an Action and a rejection of its own.
INSTALLED = """
    class Action:
        def name(self):
            raise NotImplementedError("An action must implement a name")

        async def run(self, dispatcher, tracker, domain):
            raise NotImplementedError("An action must implement its run method")

    class ActionExecutionRejection(Exception):
        def __init__(self, action_name, message=None):
            self.action_name = action_name
            self.message = message

        def __str__(self):
            return self.message
"""
ACTIONS = """
    from rasa_sdk import Action, ActionExecutionRejection

    class Base(Action):
        pass

    class ActionHi(Base):
        def name(self):
            return "action_hi"

        async def run(self, dispatcher, tracker, domain):
            dispatcher.utter_message(text="hi " + tracker.sender_id)
            return []

    class ActionNo(Base):
        def name(self):
            return "action_no"

        async def run(self, dispatcher, tracker, domain):
            raise ActionExecutionRejection(self.name(), "not now")

    class NoAction:
        name = "x"

        def run(self, a, b, c):
            return 0
"""


@pytest.mark.usefixtures("forget_imports")
async def test_actions_of_an_installed_rasa_sdk_are_accepted(
    executor: ActionExecutor, write_project: WriteProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_alias()
    monkeypatch.syspath_prepend(str(write_project({"rasa_sdk/__init__.py": INSTALLED}, "site")))
    executor.register_package("actions", root=write_project({"actions.py": ACTIONS}))

    said = await executor.run({"next_action": "action_hi", "sender_id": "ada"})
    with pytest.raises(ActionExecutionRejection, match="not now"):
        await executor.run({"next_action": "action_no"})

    assert executor.names() == ["action_hi", "action_no"]
    assert said["responses"][0]["text"] == "hi ada"
    assert sys.modules["rasa_sdk"].Action is not sdk.Action


# The names that only exist for rasa_sdk


@pytest.mark.usefixtures("alias")
async def test_the_toolbox_works(tmp_path: Path) -> None:
    utils: Any = importlib.import_module("rasa_sdk.utils")
    path = tmp_path / "menu.yml"
    path.write_text("open: yes\ndishes: [soup]\n", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes("é".encode("latin-1"))
    (tmp_path / "broken.yml").write_text("a: [", encoding="utf-8")

    async def later() -> int:
        return 1

    assert utils.read_yaml_file(path) == {"open": "yes", "dishes": ["soup"]}
    assert utils.file_as_bytes(str(path)).startswith(b"open")
    assert utils.Element(title="t", colour="red") == {"title": "t"}
    assert utils.arguments_of(lambda a, b: None) == {"a", "b"}
    assert sdk.FormValidationAction in utils.all_subclasses(sdk.Action)
    assert [await utils.call_potential_coroutine(later()), await utils.call_potential_coroutine(2)] == [1, 2]
    with pytest.raises(FileNotFoundError, match="does not exist"):
        utils.read_file(tmp_path / "nothing.txt")
    with pytest.raises(utils.FileIOException, match="using utf-8 to decode"):
        utils.read_file(tmp_path / "latin.txt")
    with pytest.raises(utils.YamlSyntaxException, match=r"Failed to read '.*broken\.yml'"):
        utils.read_yaml_file(tmp_path / "broken.yml")


@pytest.mark.usefixtures("alias")
def test_the_tracer_register_keeps_one_tracer() -> None:
    register: Any = importlib.import_module("rasa_sdk.tracing.tracer_register").ActionExecutorTracerRegister
    assert register().get_tracer() is None

    register().register_tracer("tracer")

    assert register().get_tracer() == "tracer"
    register().register_tracer(None)


@pytest.mark.usefixtures("alias")
def test_spans_cost_nothing_where_there_is_no_tracing() -> None:
    tracing: Any = importlib.import_module("rasa_sdk.tracing.utils")
    tracer, context = tracing.get_tracer_and_context("span", None, None)

    with tracer.start_as_current_span("span") as span:
        tracing.set_span_attributes(span, {"next_action": "action_hi"})

    assert context is None


@pytest.mark.usefixtures("alias")
def test_buttons_of_the_toolbox_are_plain_json_in_a_result() -> None:
    button: Any = importlib.import_module("rasa_sdk.utils").Button
    checker = ResultChecker(action_name="a", place="a.py:1")

    assert checker.check(None, [{"buttons": [button(title="b")]}])["responses"] == [
        {"buttons": [{"title": "b"}]}
    ]


FORM = """
    import threading
    from rasa_sdk import FormValidationAction

    class ValidateTrip(FormValidationAction):
        def name(self):
            return "validate_trip_form"

        def validate_city(self, value, dispatcher, tracker, domain):
            return {"city": value.title(), "thread": threading.current_thread().name}
"""


async def test_a_form_of_rasa_sdk_checks_its_slots_on_a_thread_of_its_own(
    executor: ActionExecutor, write_project: WriteProject
) -> None:
    executor.register_package("actions", root=write_project({"actions.py": FORM}))
    tracker = {"events": [{"event": "slot", "name": "city", "value": "rome"}]}
    domain = {"forms": {"trip_form": {"required_slots": ["city"]}}}

    result = await executor.run({"next_action": "validate_trip_form", "tracker": tracker, "domain": domain})

    slots = {event["name"]: event["value"] for event in result["events"]}
    assert slots["city"] == "Rome"
    assert slots["thread"].startswith("duologue-action")


def test_an_action_of_rasa_sdk_without_run_is_named_when_it_is_registered(
    executor: ActionExecutor, write_project: WriteProject
) -> None:
    source = "from rasa_sdk import Action\nclass Idle(Action):\n    def name(self):\n        return 'idle'\n"

    with pytest.raises(ActionRegistrationError, match="'idle' has no run"):
        executor.register_package("actions", root=write_project({"actions.py": source}))
