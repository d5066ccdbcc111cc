"""The messages of `action_webhook.proto` as classes, in a pool of their own.

An installed `rasa_sdk` registers messages of the same names in the process's one default pool; two such files there do
not agree with each other, so ours stay out of it.
"""

import base64

from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

from duologue.wire.grpc.descriptors import DESCRIPTOR_SET

PROTO = "action_webhook.proto"


def add_descriptors(pool: DescriptorPool) -> FileDescriptor:
    """Put the file, and what it imports, into a pool."""
    described = descriptor_pb2.FileDescriptorSet.FromString(base64.b64decode(DESCRIPTOR_SET))
    for file in described.file:
        pool.AddSerializedFile(file.SerializeToString())
    return pool.FindFileByName(PROTO)


DESCRIPTOR = add_descriptors(DescriptorPool())


def _get_class(name: str) -> type[Message]:
    return message_factory.GetMessageClass(DESCRIPTOR.message_types_by_name[name])


WebhookRequest = _get_class("WebhookRequest")
WebhookResponse = _get_class("WebhookResponse")
WebhookStreamEvent = _get_class("WebhookStreamEvent")
ChunkStart = _get_class("ChunkStart")
Chunk = _get_class("Chunk")
ChunkEnd = _get_class("ChunkEnd")
StreamError = _get_class("StreamError")
StreamChunkAck = _get_class("StreamChunkAck")
ActionsRequest = _get_class("ActionsRequest")
ActionsResponse = _get_class("ActionsResponse")
Tracker = _get_class("Tracker")
Intent = _get_class("Intent")
Entity = _get_class("Entity")
Action = _get_class("Action")
Domain = _get_class("Domain")
