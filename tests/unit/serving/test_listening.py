"""Ports that are ours."""

import socket
from contextlib import closing

import pytest

from duologue.serving.errors import AddressUnusableError
from duologue.serving.listening import hold_port

HOST = "127.0.0.1"


def test_a_port_that_is_held_is_taken_for_everybody_but_those_who_share_it() -> None:
    with hold_port(HOST, 0, flag="--grpc-port") as holder:
        address = holder.getsockname()
        with pytest.raises(OSError, match="in use"):
            socket.create_server(address)
        with (
            pytest.raises(AddressUnusableError, match=rf"Port {address[1]} is taken .* --grpc-port"),
            hold_port(*address, flag="--grpc-port"),
        ):
            pass
        with (
            socket.create_server(address, reuse_port=True) as server,
            socket.create_connection(address) as client,
        ):
            accepted, _ = server.accept()
            with closing(accepted):
                assert client.getpeername() == address


def test_a_port_on_which_somebody_listens_cannot_be_held() -> None:
    with (
        socket.create_server((HOST, 0), reuse_port=True) as other,
        pytest.raises(AddressUnusableError, match="is taken by another program"),
        hold_port(HOST, other.getsockname()[1], flag="--port"),
    ):
        pass


def test_a_port_is_free_again_for_its_next_owner_at_once() -> None:
    with socket.create_server((HOST, 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address) as client:
            accepted, _ = server.accept()
            accepted.close()  # the side that closes first is the one whose address stays remembered
            client.recv(1)
    with hold_port(*address, flag="--port") as holder:
        assert holder.getsockname() == address
