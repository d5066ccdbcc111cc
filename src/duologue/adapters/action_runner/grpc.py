"""Custom actions behind the gRPC protocol of action servers (`action_server_webhook.ActionService`)."""

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

import grpc
import msgspec

from duologue.adapters.action_runner.answer import parse_answer
from duologue.adapters.action_runner.attempts import FEATURES_NAME, AttemptError, Attempts
from duologue.adapters.action_runner.call_body import BodyWriter, add_member, format_bare_call
from duologue.adapters.action_runner.domain_memory import DomainMemory, WrittenDomain
from duologue.adapters.action_runner.grpc_answer import Fail, MessageReader
from duologue.adapters.action_runner.grpc_channel import check_address, format_metadata
from duologue.adapters.action_runner.grpc_connection import CallMethods, GrpcConnection, Metadata
from duologue.adapters.action_runner.grpc_failures import DomainMissingError, read_failure, turn_away
from duologue.adapters.action_runner.grpc_stream import LEFT_SECONDS, StreamReading
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.errors import ActionError
from duologue.core.events import Event
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.telemetry.action_spans import open_request_span
from duologue.telemetry.propagation import inject_context
from duologue.wire.grpc.calls import encode_call, encode_domain
from duologue.wire.grpc.event_memory import EventMemory
from duologue.wire.grpc.messages import ActionsRequest, WebhookResponse
from duologue.wire.grpc.methods import JSON_FEATURE
from duologue.wire.grpc.structs import read_struct

IDEMPOTENCY_NAME = "idempotency-key"
LIST_TIMEOUT = 5.0
"""Seconds to wait for the names of the actions; nothing but a warning depends on them."""
_ANNOUNCED_FEATURE = "announced-calls"
# The server learns when to give up; we give up a little sooner ourselves, which makes the better message.
_DEADLINE_MARGIN = 1.0


class _LoadedCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call with everything that goes out."""

    call: ActionCall
    events: Sequence[Event]
    domain: WrittenDomain

    @property
    def action_name(self) -> str:
        return self.call.action_name


class _NoMethodError(Exception):
    """The server does not have the method that was called."""

    def __init__(self, answer: grpc.aio.AioRpcError) -> None:
        super().__init__(str(answer))
        self.answer = answer


class GrpcActionRunner:
    """Calls one action server, over one connection that is made anew when it breaks."""

    def __init__(
        self,
        options: ActionServerOptions,
        *,
        attempts: Attempts | None = None,
        patience: float = LEFT_SECONDS,
    ) -> None:
        """`patience`: seconds for an action to end after its listener has left.

        Raises:
            DefinitionError: the address, a file of certificates or a header is of no use.
        """
        check_address(options)
        self._options = options
        self._metadata = format_metadata(options)
        self._attempts = attempts or Attempts(options)
        self._memory = DomainMemory(is_selective=options.selective_domain)
        self._encoded_domain = ("", b"")
        self._events = EventMemory()
        self._writer = BodyWriter()
        self._reader = MessageReader()
        self._patience = patience
        self._connection: GrpcConnection | None = None
        self._left: dict[asyncio.Task[None], GrpcConnection] = {}

    async def run(self, call: ActionCall) -> ActionResult:
        """Run the action. It is called again only where that cannot do anything twice."""
        loaded = _LoadedCall(
            call=call, events=await call.load_events(), domain=self._memory.write(call.domain)
        )
        try:
            answer = await self._attempts.run(call.action_name, lambda: self._attempt(loaded))
        except ActionError as error:
            if isinstance(error.__cause__, TimeoutError):
                self._leave_connection()
            raise
        return parse_answer(call.action_name, await self._reader.parse_answer(answer))

    async def _attempt(self, loaded: _LoadedCall) -> WebhookResponse:
        connection, name = self._connect(), loaded.action_name
        await connection.require_ready(name)
        with_domain = self._memory.must_send(name, loaded.call.domain, self._attempts.features)
        try:
            return await self._send(connection, loaded, with_domain=with_domain)
        except DomainMissingError:
            self._memory.learn_missed()
        try:
            return await self._send(connection, loaded, with_domain=True)
        except DomainMissingError as error:
            raise self._attempts.fail(name, f"asks for the domain that {name!r} was sent with") from error

    async def _send(
        self, connection: GrpcConnection, loaded: _LoadedCall, *, with_domain: bool
    ) -> WebhookResponse:
        try:
            answer = await self._send_as_it_likes(connection, loaded, with_domain=with_domain)
        except _NoMethodError as error:
            raise self._read_failure(loaded.action_name, error.answer) from error.answer
        self._memory.learn_kept(loaded.domain.digest, was_sent=with_domain)
        return answer

    async def _send_as_it_likes(
        self, connection: GrpcConnection, loaded: _LoadedCall, *, with_domain: bool
    ) -> WebhookResponse:
        if connection.takes_json and JSON_FEATURE in self._attempts.features:
            body = self._write_json(loaded, with_domain=with_domain)
            try:
                return await self._exchange(connection, connection.json_methods, loaded.call, body)
            except _NoMethodError:
                connection.takes_json = False  # another server stands there now
        request = self._encode(loaded, with_domain=with_domain)
        return await self._exchange(connection, connection.methods, loaded.call, request)

    async def _exchange(
        self, connection: GrpcConnection, methods: CallMethods, call: ActionCall, request: bytes
    ) -> WebhookResponse:
        span = open_request_span(action_name=call.action_name, place=self._attempts.shown, size=len(request))
        with span:
            metadata = self._make_metadata(call)
            if call.replies is not None and methods.can_stream:
                try:
                    return await self._stream(connection, methods, call, request, metadata)
                except _NoMethodError:
                    methods.can_stream = False
            return await self._run_once(methods, call, request, metadata)

    def _write_json(self, loaded: _LoadedCall, *, with_domain: bool) -> bytes:
        domain = loaded.domain
        body = self._writer.write(loaded.call, loaded.events, domain_digest=domain.digest)
        return add_member(body, "domain", domain.encoded) if with_domain else body

    def _encode(self, loaded: _LoadedCall, *, with_domain: bool) -> bytes:
        call, domain = loaded.call, loaded.domain
        body = format_bare_call(call)
        try:
            if with_domain and self._encoded_domain[0] != domain.digest:
                self._encoded_domain = (domain.digest, encode_domain(domain.formatted))
            return encode_call(
                body,
                events=map(self._events.encode, loaded.events),
                domain=self._encoded_domain[1] if with_domain else None,
                digest=domain.digest,
            )
        except ValueError as error:
            raise self._refuse_to_send(call.action_name, error) from error

    def _refuse_to_send(self, action_name: str, error: ValueError) -> ActionError:
        problem = f"cannot be sent the call of {action_name!r} over gRPC: {error}"
        return self._attempts.fail(action_name, problem, "let its `url` start with http:// if it can be that")

    def _make_metadata(self, call: ActionCall) -> Metadata:
        metadata = {**self._metadata, IDEMPOTENCY_NAME: quote(call.idempotency_key, safe="/")}
        inject_context(metadata)
        return tuple(metadata.items())

    async def _run_once(
        self, methods: CallMethods, call: ActionCall, request: bytes, metadata: Metadata
    ) -> WebhookResponse:
        rpc = methods.run(request, metadata=metadata, timeout=self._find_deadline(call))
        try:
            content = await rpc
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNIMPLEMENTED:
                raise _NoMethodError(error) from error
            raise self._read_failure(call.action_name, error) from error
        self._learn_features(await rpc.initial_metadata())
        return await self._reader.read(WebhookResponse, content, self._make_fail(call.action_name))

    async def _stream(
        self,
        connection: GrpcConnection,
        methods: CallMethods,
        call: ActionCall,
        request: bytes,
        metadata: Metadata,
    ) -> WebhookResponse:
        assert call.replies is not None, "nobody streams for nobody"
        rpc = methods.stream(request, metadata=metadata, timeout=self._find_deadline(call))
        reading = StreamReading(
            call.replies,
            self._reader,
            acknowledge=lambda response_id: connection.acknowledge(response_id, metadata),
            fail=self._make_fail(call.action_name),
            largest=self._options.largest_answer,
            patience=self._patience,
        )
        try:
            answer = await reading.read(rpc)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNIMPLEMENTED and not reading.has_shown:
                raise _NoMethodError(error) from error
            failure = self._read_failure(call.action_name, error)
            if reading.has_shown and isinstance(failure, AttemptError):
                # Another attempt would say the same things a second time.
                raise self._attempts.fail(call.action_name, failure.problem, failure.remedy) from error
            raise failure from error
        finally:
            rpc.cancel()
        self._learn_features(await rpc.initial_metadata())
        return answer

    def _make_fail(self, action_name: str) -> Fail:
        return lambda problem: self._attempts.fail(action_name, problem)

    def _find_deadline(self, call: ActionCall) -> float:
        return self._options.find_timeout(call.action_name) + _DEADLINE_MARGIN

    def _read_failure(self, action_name: str, error: grpc.aio.AioRpcError) -> Exception:
        # Without a word of the server in it, it may be the answer of a proxy, which says nothing about the server.
        metadata = error.initial_metadata()
        if metadata is not None and FEATURES_NAME in metadata:
            self._learn_features(metadata)
        elif error.code() is grpc.StatusCode.CANCELLED and _ANNOUNCED_FEATURE in self._attempts.features:
            return turn_away(action_name)
        return read_failure(self._attempts, action_name, error)

    def _learn_features(self, metadata: grpc.aio.Metadata) -> None:
        features = metadata.get(FEATURES_NAME)
        self._attempts.learn_features(features if isinstance(features, str) else None)

    def _connect(self) -> GrpcConnection:
        # Made here since a channel belongs to the event loop that it is made in.
        if self._connection is None:
            self._connection = GrpcConnection(self._options)
        return self._connection

    def _leave_connection(self) -> None:
        """Call over a new connection from now on: this one may be dead without anybody having noticed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # Calls that are under way may end there.
            grace = max((self._options.timeout, *self._options.timeouts.values()))
            closing = asyncio.create_task(connection.channel.close(grace))
            self._left[closing] = connection
            closing.add_done_callback(lambda done: self._left.pop(done, None))

    async def list_actions(self) -> frozenset[str] | None:
        """Names from the server's `Actions`; None if it does not say."""
        rpc = self._connect().list(
            ActionsRequest().SerializeToString(),
            metadata=tuple(self._metadata.items()),
            timeout=min(LIST_TIMEOUT, self._options.timeout),
        )
        try:
            response = await rpc
        except grpc.aio.AioRpcError:
            return None
        return frozenset(str(read_struct(action).get("name")) for action in response.actions)

    async def close(self) -> None:
        """Let go of every connection, and of the calls that are under way there."""
        connections = [*self._left.values(), *([self._connection] if self._connection else [])]
        self._connection = None
        for closing in tuple(self._left):
            closing.cancel()
        for connection in connections:
            await connection.channel.close()
