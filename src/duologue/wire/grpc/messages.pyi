# ruff: noqa
# fmt: off
"""The types of the messages in `action_webhook.proto`. Written by `python -m duologue.wire.grpc.compilation`; change the .proto instead."""
from google.protobuf import descriptor_pool as _descriptor_pool
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WebhookRequest(_message.Message):
    __slots__ = ("next_action", "sender_id", "tracker", "domain", "version", "domain_digest")
    NEXT_ACTION_FIELD_NUMBER: _ClassVar[int]
    SENDER_ID_FIELD_NUMBER: _ClassVar[int]
    TRACKER_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_DIGEST_FIELD_NUMBER: _ClassVar[int]
    next_action: str
    sender_id: str
    tracker: Tracker
    domain: Domain
    version: str
    domain_digest: str
    def __init__(self, next_action: _Optional[str] = ..., sender_id: _Optional[str] = ..., tracker: _Optional[_Union[Tracker, _Mapping[str, object]]] = ..., domain: _Optional[_Union[Domain, _Mapping[str, object]]] = ..., version: _Optional[str] = ..., domain_digest: _Optional[str] = ...) -> None: ...

class WebhookResponse(_message.Message):
    __slots__ = ("events", "responses")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    responses: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    def __init__(self, events: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping[str, object]]]] = ..., responses: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping[str, object]]]] = ...) -> None: ...

class WebhookStreamEvent(_message.Message):
    __slots__ = ("chunk_start", "chunk", "chunk_end", "final_result", "error")
    CHUNK_START_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    CHUNK_END_FIELD_NUMBER: _ClassVar[int]
    FINAL_RESULT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    chunk_start: ChunkStart
    chunk: Chunk
    chunk_end: ChunkEnd
    final_result: WebhookResponse
    error: StreamError
    def __init__(self, chunk_start: _Optional[_Union[ChunkStart, _Mapping[str, object]]] = ..., chunk: _Optional[_Union[Chunk, _Mapping[str, object]]] = ..., chunk_end: _Optional[_Union[ChunkEnd, _Mapping[str, object]]] = ..., final_result: _Optional[_Union[WebhookResponse, _Mapping[str, object]]] = ..., error: _Optional[_Union[StreamError, _Mapping[str, object]]] = ...) -> None: ...

class ChunkStart(_message.Message):
    __slots__ = ("response_id",)
    RESPONSE_ID_FIELD_NUMBER: _ClassVar[int]
    response_id: str
    def __init__(self, response_id: _Optional[str] = ...) -> None: ...

class Chunk(_message.Message):
    __slots__ = ("response_id", "text", "image", "custom", "attachment", "buttons", "elements")
    RESPONSE_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    BUTTONS_FIELD_NUMBER: _ClassVar[int]
    ELEMENTS_FIELD_NUMBER: _ClassVar[int]
    response_id: str
    text: str
    image: str
    custom: _struct_pb2.Struct
    attachment: str
    buttons: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    elements: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    def __init__(self, response_id: _Optional[str] = ..., text: _Optional[str] = ..., image: _Optional[str] = ..., custom: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., attachment: _Optional[str] = ..., buttons: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping[str, object]]]] = ..., elements: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping[str, object]]]] = ...) -> None: ...

class ChunkEnd(_message.Message):
    __slots__ = ("response_id",)
    RESPONSE_ID_FIELD_NUMBER: _ClassVar[int]
    response_id: str
    def __init__(self, response_id: _Optional[str] = ...) -> None: ...

class StreamError(_message.Message):
    __slots__ = ("action_name", "message")
    ACTION_NAME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    action_name: str
    message: str
    def __init__(self, action_name: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class StreamChunkAck(_message.Message):
    __slots__ = ("response_id",)
    RESPONSE_ID_FIELD_NUMBER: _ClassVar[int]
    response_id: str
    def __init__(self, response_id: _Optional[str] = ...) -> None: ...

class ActionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ActionsResponse(_message.Message):
    __slots__ = ("actions",)
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    actions: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    def __init__(self, actions: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping[str, object]]]] = ...) -> None: ...

class Tracker(_message.Message):
    __slots__ = ("sender_id", "slots", "latest_message", "events", "paused", "followup_action", "active_loop", "latest_action_name", "stack", "user_id")
    class ActiveLoopEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SENDER_ID_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    LATEST_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    FOLLOWUP_ACTION_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_LOOP_FIELD_NUMBER: _ClassVar[int]
    LATEST_ACTION_NAME_FIELD_NUMBER: _ClassVar[int]
    STACK_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    sender_id: str
    slots: _struct_pb2.Struct
    latest_message: _struct_pb2.Struct
    events: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    paused: bool
    followup_action: str
    active_loop: _containers.ScalarMap[str, str]
    latest_action_name: str
    stack: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    user_id: str
    def __init__(self, sender_id: _Optional[str] = ..., slots: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., latest_message: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., events: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping[str, object]]]] = ..., paused: _Optional[bool] = ..., followup_action: _Optional[str] = ..., active_loop: _Optional[_Mapping[str, str]] = ..., latest_action_name: _Optional[str] = ..., stack: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping[str, object]]]] = ..., user_id: _Optional[str] = ...) -> None: ...

class Intent(_message.Message):
    __slots__ = ("string_value", "dict_value")
    STRING_VALUE_FIELD_NUMBER: _ClassVar[int]
    DICT_VALUE_FIELD_NUMBER: _ClassVar[int]
    string_value: str
    dict_value: _struct_pb2.Struct
    def __init__(self, string_value: _Optional[str] = ..., dict_value: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ...) -> None: ...

class Entity(_message.Message):
    __slots__ = ("string_value", "dict_value")
    STRING_VALUE_FIELD_NUMBER: _ClassVar[int]
    DICT_VALUE_FIELD_NUMBER: _ClassVar[int]
    string_value: str
    dict_value: _struct_pb2.Struct
    def __init__(self, string_value: _Optional[str] = ..., dict_value: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ...) -> None: ...

class Action(_message.Message):
    __slots__ = ("string_value", "dict_value")
    STRING_VALUE_FIELD_NUMBER: _ClassVar[int]
    DICT_VALUE_FIELD_NUMBER: _ClassVar[int]
    string_value: str
    dict_value: _struct_pb2.Struct
    def __init__(self, string_value: _Optional[str] = ..., dict_value: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ...) -> None: ...

class Domain(_message.Message):
    __slots__ = ("config", "session_config", "intents", "entities", "slots", "responses", "actions", "forms", "e2e_actions")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    SESSION_CONFIG_FIELD_NUMBER: _ClassVar[int]
    INTENTS_FIELD_NUMBER: _ClassVar[int]
    ENTITIES_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    FORMS_FIELD_NUMBER: _ClassVar[int]
    E2E_ACTIONS_FIELD_NUMBER: _ClassVar[int]
    config: _struct_pb2.Struct
    session_config: _struct_pb2.Struct
    intents: _containers.RepeatedCompositeFieldContainer[Intent]
    entities: _containers.RepeatedCompositeFieldContainer[Entity]
    slots: _struct_pb2.Struct
    responses: _struct_pb2.Struct
    actions: _containers.RepeatedCompositeFieldContainer[Action]
    forms: _struct_pb2.Struct
    e2e_actions: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    def __init__(self, config: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., session_config: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., intents: _Optional[_Iterable[_Union[Intent, _Mapping[str, object]]]] = ..., entities: _Optional[_Iterable[_Union[Entity, _Mapping[str, object]]]] = ..., slots: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., responses: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., actions: _Optional[_Iterable[_Union[Action, _Mapping[str, object]]]] = ..., forms: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., e2e_actions: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping[str, object]]]] = ...) -> None: ...

PROTO: str
def add_descriptors(pool: _descriptor_pool.DescriptorPool) -> _descriptor.FileDescriptor: ...
