"""The messages of the action protocol, in the pool that other generated messages are in."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duologue.wire.grpc.messages import (
        DESCRIPTOR,
        Action,
        ActionsRequest,
        ActionsResponse,
        Chunk,
        ChunkEnd,
        ChunkStart,
        Domain,
        Entity,
        Intent,
        StreamChunkAck,
        StreamError,
        Tracker,
        WebhookRequest,
        WebhookResponse,
        WebhookStreamEvent,
    )
else:
    import base64

    # Importing the last two registers what the file builds upon.
    from google.protobuf import descriptor_pb2, descriptor_pool, empty_pb2, struct_pb2  # noqa: F401
    from google.protobuf.internal import builder

    from duologue.wire.grpc.descriptors import DESCRIPTOR_SET

    def _register() -> object:
        file = descriptor_pb2.FileDescriptorSet.FromString(base64.b64decode(DESCRIPTOR_SET)).file[-1]
        file.name = "rasa_sdk/grpc_py/action_webhook.proto"
        pool = descriptor_pool.Default()
        pool.AddSerializedFile(file.SerializeToString())
        return pool.FindFileByName(file.name)

    DESCRIPTOR = _register()
    builder.BuildMessageAndEnumDescriptors(DESCRIPTOR, globals())
    builder.BuildTopDescriptorsAndMessages(DESCRIPTOR, __name__, globals())

__all__ = [
    "DESCRIPTOR",
    "Action",
    "ActionsRequest",
    "ActionsResponse",
    "Chunk",
    "ChunkEnd",
    "ChunkStart",
    "Domain",
    "Entity",
    "Intent",
    "StreamChunkAck",
    "StreamError",
    "Tracker",
    "WebhookRequest",
    "WebhookResponse",
    "WebhookStreamEvent",
]
