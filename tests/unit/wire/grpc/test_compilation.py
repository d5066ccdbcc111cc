"""The files made from `action_webhook.proto`."""

from google.protobuf.descriptor_pool import DescriptorPool

from duologue.wire.grpc import messages
from duologue.wire.grpc.compilation import HERE, compile_proto


def test_the_generated_files_are_those_of_the_proto() -> None:
    for name, text in compile_proto().items():
        assert (HERE / name).read_text(encoding="utf-8") == text, "run `make proto`"


def test_every_message_of_the_proto_is_a_class() -> None:
    for name, descriptor in messages.DESCRIPTOR.message_types_by_name.items():
        assert getattr(messages, name).DESCRIPTOR is descriptor


def test_the_messages_stay_out_of_the_pool_that_everybody_shares() -> None:
    pool = DescriptorPool()
    assert messages.add_descriptors(pool) is not messages.DESCRIPTOR
    assert messages.DESCRIPTOR.pool is not pool
