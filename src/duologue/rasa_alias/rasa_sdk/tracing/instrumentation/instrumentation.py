"""Put spans around the methods of the executor and of validation actions."""

# pyright: basic
# Functions of any shape are wrapped here.

import functools
import inspect
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Tracer

from ...events import EventType
from ...executor import ActionExecutor, CollectingDispatcher
from ...forms import FormValidationAction, ValidationAction
from ...interfaces import Tracker
from ...types import DomainDict
from ..tracer_register import ActionExecutorTracerRegister
from . import attribute_extractors

S = TypeVar("S")
T = TypeVar("T")
ActionExecutorType = TypeVar("ActionExecutorType", bound=ActionExecutor)
ValidationActionType = TypeVar("ValidationActionType", bound=ValidationAction)
FormValidationActionType = TypeVar("FormValidationActionType", bound=FormValidationAction)

logger = logging.getLogger(__name__)

INSTRUMENTED_BOOLEAN_ATTRIBUTE_NAME = "class_has_been_instrumented"


def instrument(
    tracer_provider: TracerProvider,
    action_executor_class: type[ActionExecutorType] | None = None,
    validation_action_class: type[ValidationActionType] | None = None,
    form_validation_action_class: type[FormValidationActionType] | None = None,
) -> None:
    """Put spans around the methods of these classes, once each."""
    if action_executor_class is not None and not class_is_instrumented(action_executor_class):
        tracer = tracer_provider.get_tracer(action_executor_class.__module__)
        _instrument_method(
            tracer,
            action_executor_class,
            "run",
            attribute_extractors.extract_attrs_for_action_executor,
        )
        _instrument_method(
            tracer,
            action_executor_class,
            "_create_api_response",
            attribute_extractors.extract_attrs_for_action_executor_create_api_response,
        )
        mark_class_as_instrumented(action_executor_class)
        ActionExecutorTracerRegister().register_tracer(tracer)
    if validation_action_class is not None and not class_is_instrumented(validation_action_class):
        tracer = tracer_provider.get_tracer(validation_action_class.__module__)
        _instrument_method(
            tracer,
            validation_action_class,
            "run",
            attribute_extractors.extract_attrs_for_validation_action,
        )
        _instrument_validation_action_extract_validation_events(tracer, validation_action_class)
        mark_class_as_instrumented(validation_action_class)
    if form_validation_action_class is not None and not class_is_instrumented(form_validation_action_class):
        tracer = tracer_provider.get_tracer(form_validation_action_class.__module__)
        _instrument_validation_action_extract_validation_events(tracer, form_validation_action_class)
        mark_class_as_instrumented(form_validation_action_class)


def traceable_async(
    fn: Callable[..., Awaitable[S]],
    tracer: Tracer,
    attr_extractor: Callable[..., dict[str, Any]] | None,
) -> Callable[..., Awaitable[S]]:
    """Give an `async` method a span."""
    extract = attr_extractor if _check_extractor_argument_list(fn, attr_extractor) else None

    @functools.wraps(fn)
    async def async_wrapper(self: Any, *args: Any, **kwargs: Any) -> S:
        noted = extract(self, *args, **kwargs) if extract else {}
        with tracer.start_as_current_span(_span_name(self, fn), attributes=noted):
            return await fn(self, *args, **kwargs)

    return async_wrapper


def traceable(
    fn: Callable[..., S],
    tracer: Tracer,
    attr_extractor: Callable[..., dict[str, Any]] | None,
) -> Callable[..., S]:
    """Give a plain method a span."""
    extract = attr_extractor if _check_extractor_argument_list(fn, attr_extractor) else None

    @functools.wraps(fn)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> S:
        # This one is a static method, which knows no `self`.
        is_static = isinstance(self, ActionExecutor) and fn.__name__ == "_create_api_response"
        given = args if is_static else (self, *args)
        noted = extract(*given, **kwargs) if extract else {}
        with tracer.start_as_current_span(f"{type(self).__name__}.{fn.__name__}", attributes=noted):
            return fn(*given, **kwargs)

    return wrapper


def _check_extractor_argument_list(
    fn: Callable[..., Any], attr_extractor: Callable[..., dict[str, Any]] | None
) -> bool:
    if attr_extractor is None:
        return False
    if _parameters(fn) == _parameters(attr_extractor):
        return True
    logger.warning(
        f"Argument lists for {fn.__name__} and {attr_extractor.__name__} do not match up. {fn.__name__} will be "
        "traced without attributes."
    )
    return False


def _parameters(function: Callable[..., Any]) -> Any:
    return inspect.signature(function).parameters.keys()


def _span_name(action: Any, fn: Callable[..., Any]) -> str:
    name = f"{type(action).__name__}.{fn.__name__}"
    if isinstance(action, FormValidationAction):
        return f"FormValidationAction.{name}"
    return f"ValidationAction.{name}" if isinstance(action, ValidationAction) else name


def _instrument_method(
    tracer: Tracer,
    instrumented_class: type,
    method_name: str,
    attr_extractor: Callable | None,
) -> None:
    method = getattr(instrumented_class, method_name)
    wrap = traceable_async if inspect.iscoroutinefunction(method) else traceable
    setattr(instrumented_class, method_name, wrap(method, tracer, attr_extractor))
    logger.debug(f"Instrumented '{instrumented_class.__name__}.{method_name}'.")


def _instrument_validation_action_extract_validation_events(
    tracer: Tracer,
    validation_action_class: type[ValidationAction] | type[FormValidationAction],
) -> None:
    method = validation_action_class._extract_validation_events

    @functools.wraps(method)
    async def wrapper(
        self: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        kind = "FormValidationAction" if isinstance(self, FormValidationAction) else "ValidationAction"
        with tracer.start_as_current_span(f"{kind}.{type(self).__name__}.{method.__name__}") as span:
            events = await method(self, dispatcher, tracker, domain)
            kinds = [event.get("event") for event in events or []]
            slots = [event.get("name") for event in events or [] if event.get("event") == "slot"]
            span.set_attributes(
                {
                    "validation_events": json.dumps(list(dict.fromkeys(kinds))),
                    "slots": json.dumps(list(dict.fromkeys(slots))),
                }
            )
            return events

    validation_action_class._extract_validation_events = wrapper
    logger.debug(f"Instrumented '{validation_action_class.__name__}._extract_validation_events'.")


def _mangled_instrumented_boolean_attribute_name(instrumented_class: type) -> str:
    # As Python mangles it, so that a subclass does not count as instrumented with its parent.
    return f"_{instrumented_class.__name__}__{INSTRUMENTED_BOOLEAN_ATTRIBUTE_NAME}"


def class_is_instrumented(instrumented_class: type) -> bool:
    """Say whether a class already has its spans."""
    return getattr(
        instrumented_class, _mangled_instrumented_boolean_attribute_name(instrumented_class), False
    )


def mark_class_as_instrumented(instrumented_class: type) -> None:
    """Note that a class has its spans."""
    setattr(instrumented_class, _mangled_instrumented_boolean_attribute_name(instrumented_class), True)
