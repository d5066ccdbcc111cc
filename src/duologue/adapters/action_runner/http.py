"""Custom actions behind the HTTP protocol of action servers (`POST /webhook`)."""

import asyncio
import zlib
from urllib.parse import quote

import msgspec

from duologue.adapters.action_runner.answer import AnswerReader
from duologue.adapters.action_runner.attempts import FEATURES_NAME, Attempts
from duologue.adapters.action_runner.call_body import BodyWriter, add_member
from duologue.adapters.action_runner.domain_memory import DomainMemory, WrittenDomain
from duologue.adapters.action_runner.http_address import is_sendable, parse_address
from duologue.adapters.action_runner.http_answer import BrokenOffError, HttpAnswer, TooLargeError
from duologue.adapters.action_runner.http_failures import HttpFailures, is_refusal
from duologue.adapters.action_runner.http_session import ConnectError, HttpSession
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.adapters.action_runner.tls import load_tls
from duologue.core.errors import ActionRejectedError
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.telemetry.action_spans import open_request_span
from duologue.telemetry.propagation import inject_context
from duologue.telemetry.spans import mark_failed

IDEMPOTENCY_HEADER = "Idempotency-Key"
LIST_TIMEOUT = 5.0
"""Seconds to wait for the names of the actions; nothing but a warning depends on them."""
_LARGE_BODY = 64 * 1024
"""Bytes of a body that is compressed beside the event loop."""
_MOST_TRUSTED = 1000


class _Listed(msgspec.Struct, frozen=True):
    name: str


_LIST = msgspec.json.Decoder(list[_Listed])


class HttpActionRunner:
    """Calls one action server, over connections that are kept."""

    def __init__(self, options: ActionServerOptions, *, attempts: Attempts | None = None) -> None:
        """`attempts`: another clock for the pauses between them.

        Raises:
            DefinitionError: the address, a header or a file of certificates is of no use.
        """
        self._options = options
        self._address = parse_address(options)
        tls = load_tls(options) if self._address.is_secure else None
        self._session = HttpSession(headers=self._address.headers, tls=tls, largest=options.largest_answer)
        self._trusted: set[str] = set()
        """Actions whose last answer was a good one. Only they use kept connections: what comes on a connection
        after an answer that was of no use, its end for one, must not hit the call of another action."""
        self._attempts = attempts or Attempts(options)
        self._failures = HttpFailures(options, self._attempts, is_secure=self._address.is_secure)
        self._memory = DomainMemory(is_selective=options.selective_domain)
        self._writer = BodyWriter()
        self._reader = AnswerReader()

    async def run(self, call: ActionCall) -> ActionResult:
        """Run the action. A failed call is repeated only where it cannot have its effect twice."""
        written = self._memory.write(call.domain)
        body = self._writer.write(call, await call.load_events(), domain_digest=written.digest)

        async def attempt() -> ActionResult:
            return await self._try_once(call, body, written)

        return await self._attempts.run(call.action_name, attempt)

    async def _try_once(self, call: ActionCall, body: bytes, written: WrittenDomain) -> ActionResult:
        name = call.action_name
        try:
            result = await self._call(call, body, written, keeps=name in self._trusted)
        except ActionRejectedError:
            self._trust(name)
            raise
        except BaseException:
            self._trusted.discard(name)
            raise
        self._trust(name)
        return result

    async def _call(
        self, call: ActionCall, body: bytes, written: WrittenDomain, *, keeps: bool
    ) -> ActionResult:
        answer = await self._ask(call, body, written, keeps=keeps)
        self._learn_features(answer)
        if answer.status != 200:
            raise self._failures.explain_answer(call.action_name, answer)
        return await self._reader.read(call.action_name, answer.body)

    async def _ask(self, call: ActionCall, body: bytes, written: WrittenDomain, *, keeps: bool) -> HttpAnswer:
        """The answer to a call that has as much of the domain as the server needs."""
        has_domain = self._memory.must_send(call.action_name, call.domain, self._attempts.features)
        answer = await self._post(
            call, add_member(body, "domain", written.encoded) if has_domain else body, keeps=keeps
        )
        if answer.status == 449 and not has_domain:
            self._memory.learn_missed()
            has_domain = True
            answer = await self._post(call, add_member(body, "domain", written.encoded), keeps=keeps)
        if answer.status == 200 or (answer.status == 400 and is_refusal(answer)):
            self._memory.learn_kept(written.digest, was_sent=has_domain)
        return answer

    def _trust(self, name: str) -> None:
        if len(self._trusted) >= _MOST_TRUSTED:
            self._trusted.clear()
        self._trusted.add(name)

    async def _post(self, call: ActionCall, body: bytes, *, keeps: bool) -> HttpAnswer:
        name = call.action_name
        headers = {
            "content-type": "application/json",
            IDEMPOTENCY_HEADER: quote(call.idempotency_key, safe="/"),
        }
        if self._options.compress:
            body = await _compress(body)
            headers["content-encoding"] = "deflate"
        with open_request_span(action_name=name, place=self._attempts.shown, size=len(body)):
            _add_context(headers)
            answer = await self._send(name, body, headers, keeps=keeps)
            if answer.status >= 500:
                mark_failed(f"status {answer.status}")
            return answer

    async def _send(self, name: str, body: bytes, headers: dict[str, str], *, keeps: bool) -> HttpAnswer:
        try:
            return await self._session.post(self._address.call_url, body, headers, keeps=keeps)
        except ConnectError as error:
            raise self._failures.explain_connect(name, error) from error
        except BrokenOffError as error:
            raise self._failures.explain_break(name, error) from error
        except TooLargeError as error:
            raise self._failures.explain_size(name) from error

    def _learn_features(self, answer: HttpAnswer) -> None:
        features = answer.headers.get(FEATURES_NAME)
        if features is not None or answer.status == 200:
            self._attempts.learn_features(features)

    async def list_actions(self) -> frozenset[str] | None:
        """Names from the server's `GET /actions`; None if it does not say."""
        try:
            async with asyncio.timeout(min(LIST_TIMEOUT, self._options.timeout)):
                answer = await self._session.get(self._address.list_url)
            listed = _LIST.decode(answer.body)
        except (TimeoutError, ConnectError, BrokenOffError, TooLargeError, msgspec.MsgspecError, ValueError):
            return None
        if answer.status != 200:
            return None
        self._learn_features(answer)
        return frozenset(item.name for item in listed)

    async def close(self) -> None:
        await self._session.close()


async def _compress(body: bytes) -> bytes:
    if len(body) < _LARGE_BODY:
        return zlib.compress(body)
    return await asyncio.to_thread(zlib.compress, body)


def _add_context(headers: dict[str, str]) -> None:
    context: dict[str, str] = {}
    inject_context(context)
    # It comes from callers far away, so it is looked at like the author's headers.
    headers.update((name, value) for name, value in context.items() if is_sendable(value))
