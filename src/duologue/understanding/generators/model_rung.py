"""The rung that asks a language model: prompt, answer, commands; each checked before anybody acts on it."""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from duologue.core.commands import Command
from duologue.core.domain import Domain
from duologue.core.errors import DuologueError, LanguageModelError, ModelFailure
from duologue.core.generator_options import GeneratorOptions
from duologue.core.messages import UserMessage
from duologue.core.understanding import Evidence, ModelCall, Understanding
from duologue.core.values import OpenData
from duologue.flows.flow import Flows
from duologue.flows.offers import Offers
from duologue.ports.embedder import Embedder
from duologue.ports.language_model import LanguageModel, ModelAnswer, ModelRequest, read_answer
from duologue.understanding.generators.answer_schema import build_schema
from duologue.understanding.generators.dsl import parse_answer
from duologue.understanding.generators.flow_vectors import FlowVectors
from duologue.understanding.generators.flow_views import FlowViews
from duologue.understanding.generators.offered import keep_offered
from duologue.understanding.generators.prompt import Now, PromptBuilder
from duologue.understanding.generators.retrieval import FlowRanker, FlowRetriever, ShownFlows
from duologue.understanding.rung_failure import RungFailedError

MAX_ANSWER_CHARACTERS = 8_000
"""Longer answers are not read to their end: commands are short."""
TIME_LIMIT = 60.0
"""Seconds after which no answer is waited for, whatever the model's own limits are; those are 7 s by default."""

_CONFIDENCE = 0.9
_log = logging.getLogger(__name__)


class ModelRung:
    """Understands with a language model.

    Raises `RungFailedError` for whatever goes wrong with the model, so that the next rung answers and what the call
    cost is known all the same.
    """

    name = "model"

    def __init__(
        self,
        model: LanguageModel,
        options: GeneratorOptions,
        *,
        flows: Flows,
        domain: Domain,
        ranker: FlowRanker,
        embedder: Embedder | None = None,
        vector_folder: Path | None = None,
        template: str | None = None,
        takes_schema: bool = False,
        now: Now = datetime.now,
        time_limit: float = TIME_LIMIT,
    ) -> None:
        """
        Args:
            ranker: finds flows by words, where there is no embedder or it fails.
            vector_folder: where vectors of flows are kept from one start to the next.
            template: the text of the project's own prompt.
            takes_schema: the model is known to hold itself to a schema; `constrained_output: auto` uses it then.
        """
        self._model = model
        self._options = options
        self._views = FlowViews(flows, domain)
        self._is_constrained = _is_constrained(options, takes_schema and template is None)
        retrieval = options.flow_retrieval
        vectors = (
            None
            if embedder is None
            else FlowVectors(
                self._views,
                embedder,
                should_embed_slots=retrieval.should_embed_slots,
                folder=vector_folder,
            )
        )
        self._retriever = FlowRetriever(self._views, retrieval, ranker, vectors)
        self._builder = PromptBuilder(
            self._views,
            options,
            shows_all=self._retriever.shows_all,
            template=template,
            is_constrained=self._is_constrained,
            now=now,
        )
        self._time_limit = time_limit

    def warm_up(self) -> None:
        """Write the part of the prompt that never changes."""
        _ = self._builder.prefix

    async def prepare(self) -> None:
        """Embed the flows, if they are to be, before the first message waits for it. Never raises."""
        await self._retriever.prepare()

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        """What the model says the message asks for.

        Raises:
            RungFailedError: the model gave no answer, or none of which anything is on offer.
        """
        shown = await self._retriever.choose(message.text, offers)
        request = self._write_request(message.text, offers, shown)
        answer, call = await self._ask(request)
        parsed = parse_answer(_whole_lines(answer))
        offered = keep_offered(parsed.commands, offers)
        evidence = Evidence(
            rung=self.name,
            confidence=_CONFIDENCE,
            reason=f"the model proposes {_name_commands(offered.commands)}",
            dropped=offered.dropped,
            calls=(call,),
            details=self._list_details(call, shown),
        )
        if not offered.commands:
            failure = (
                "nothing on offer" if parsed.commands else "unreadable" if answer.text.strip() else "empty"
            )
            raise self._give_up(replace(evidence, calls=(replace(call, failure=failure),)))
        return Understanding(commands=offered.commands, evidence=(evidence,))

    def _write_request(self, text: str, offers: Offers, shown: ShownFlows) -> ModelRequest:
        try:
            prompt = self._builder.build(text, offers, shown.flows)
        except DuologueError as error:  # a template of the project's own
            raise self._give_up(Evidence(rung=self.name, confidence=0.0, reason=str(error))) from error
        return ModelRequest(
            prefix=prompt.prefix,
            prompt=prompt.text,
            schema=build_schema(offers, shown.flows, self._views, self._options.dsl)
            if self._is_constrained
            else None,
        )

    async def _ask(self, request: ModelRequest) -> tuple[ModelAnswer, ModelCall]:
        began = time.perf_counter()
        failure: str
        try:
            async with asyncio.timeout(self._time_limit):
                answer = await read_answer(self._model, request, max_characters=MAX_ANSWER_CHARACTERS)
        except LanguageModelError as error:
            failure = error.reason
        except TimeoutError:
            failure = ModelFailure.TIMEOUT
        except Exception as error:  # a driver's bug must not cost the turn either
            failure = type(error).__name__
        else:
            usage = answer.usage
            return answer, ModelCall(
                model=answer.model or self._model.name,
                milliseconds=_since(began),
                input_tokens=usage.input_tokens,
                cached_tokens=usage.cached_tokens,
                output_tokens=usage.output_tokens,
            )
        call = ModelCall(model=self._model.name, milliseconds=_since(began), failure=failure)
        raise self._give_up(Evidence(rung=self.name, confidence=0.0, calls=(call,)))

    def _give_up(self, evidence: Evidence) -> RungFailedError:
        """The error for the ladder, after one line for the log."""
        failure = next((call.failure for call in evidence.calls if call.failure), None)
        if failure is not None:
            evidence = replace(evidence, confidence=0.0, reason=f"the model failed: {failure}")
        _log.warning(
            "model.gave_up",
            extra={"model": self._model.name, "reason": evidence.reason, "dropped": evidence.dropped},
        )
        return RungFailedError(evidence)

    def _list_details(self, call: ModelCall, shown: ShownFlows) -> OpenData:
        details: OpenData = {"flows_shown": len(shown.flows), "flows_ranked_by": shown.ranked_by.value}
        if self._options.trace_prompt_tokens:
            details["len_prompt_tokens"] = call.input_tokens
        return details


def _is_constrained(options: GeneratorOptions, takes_schema: bool) -> bool:
    match options.constrained_output:
        case "on":
            return True
        case "off":
            return False
        case "auto":
            return takes_schema


def _whole_lines(answer: ModelAnswer) -> str:
    """The text without a last line that was cut off: half a value is worse than none."""
    if answer.is_cut_off or answer.finish_reason == "length":
        return answer.text[: answer.text.rfind("\n") + 1]
    return answer.text


def _name_commands(commands: Sequence[Command]) -> str:
    """The kinds of commands, without what the user said."""
    kinds = dict.fromkeys(str(command.__struct_config__.tag) for command in commands)
    return ", ".join(kinds) or "nothing"


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)
