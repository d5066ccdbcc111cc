"""The parameters of a request, less those that the server has refused before."""

import re
from collections.abc import Mapping, Sequence

from duologue.adapters.language_model.openai_options import OpenAiOptions
from duologue.core.values import OpenData
from duologue.ports.language_model import ModelRequest

STRICT_SCHEMA = "response_format.strict"
"""Refused where the server holds answers to schemas, but not to every one of ours."""
SYSTEM_MESSAGE = "messages.system"
"""Refused where the model's template knows no system message; the prefix then begins the user's message."""

# An answer is worth more than any of these, so a server that knows one of them not is asked without it.
_DISPENSABLE = (
    "stream_options",
    "response_format",
    "max_completion_tokens",
    "max_tokens",
    "reasoning_effort",
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "logit_bias",
    "seed",
    "stop",
)
_OTHER_WORDS = {
    "stream_options": re.compile(r"include_usage|stream options"),
    "response_format": re.compile(r"json_schema|json schema|grammar|structured output|response format"),
    "reasoning_effort": re.compile(r"reasoning effort|reasoning\.effort"),
}
_REFUSAL = re.compile(
    r"unsupported|n[o']t support|not recogni[sz]ed|unrecogni[sz]ed|unknown|unexpected|extra|not permitted"
    r"|not allowed|n[o']t available|unavailable|only the default|incompatible|invalid schema|grammar"
    r"|use '?max_(completion_)?tokens"
)
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
# What the completions endpoint gives by default, 16 tokens, is hardly an answer.
_TOKENS_OF_A_COMPLETION = 512


class Parameters:
    """Builds the parameters of each request to one model, and learns which of them its server refuses."""

    def __init__(self, options: OpenAiOptions) -> None:
        self._given = {**options.parameters, **options.extra_body}
        self._is_chat = options.use_chat_completions_endpoint
        self.refused: frozenset[str] = frozenset()
        """Names of what is not sent any more."""
        self.effort: str | None = None
        """The lowest reasoning effort that the server says it knows."""

    def build(
        self, request: ModelRequest, *, model: str, refused: frozenset[str], effort: str | None
    ) -> OpenData:
        """Everything of the request's body but the model and the texts."""
        body: OpenData = {**self._given, "stream": True, "stream_options": {"include_usage": True}}
        if request.temperature is not None:
            body["temperature"] = request.temperature
        most = body.pop("max_tokens", None)
        most = request.max_tokens or most
        if most is None and not self._is_chat:
            most = _TOKENS_OF_A_COMPLETION
        if most is not None:
            body[_choose_name_of_max_tokens(model, refused)] = most
        if request.schema is not None:
            is_strict = STRICT_SCHEMA not in refused
            body["response_format"] = _hold_to_schema(request.schema, is_strict=is_strict)
        self._set_effort(body, model, effort)
        return {name: value for name, value in body.items() if name not in refused}

    def _set_effort(self, body: OpenData, model: str, effort: str | None) -> None:
        if effort is not None:
            body["reasoning_effort"] = effort
        elif self._is_chat and "reasoning_effort" not in body:
            lowest = find_lowest_effort(model)
            if lowest is not None:
                body["reasoning_effort"] = lowest


_NO_SYSTEM_MESSAGE = re.compile(r"system (role|message)s?( is| are)? n[o']t supported|roles must alternate")


def find_refused(sent: Mapping[str, object], *, said: str, field: str, code: str) -> str | None:
    """The name of a dispensable parameter that the server does not take, if that is why it refuses the request."""
    text = f"{said} {code}".lower().replace("`", "'")
    if _NO_SYSTEM_MESSAGE.search(text):
        return SYSTEM_MESSAGE
    if not _REFUSAL.search(text):
        return None
    candidates = [name for name in _DISPENSABLE if name in sent]
    named = field.split(".", maxsplit=1)[0]
    if named not in candidates:
        found = [name for name in candidates if _is_mentioned(name, text)]
        if not found:
            return None
        named = found[0]
    if named == "response_format" and "invalid schema" in text and _is_strict(sent):
        return STRICT_SCHEMA
    return named


def find_known_effort(said: str) -> str | None:
    """The lowest reasoning effort that a refusal lists as known."""
    _, is_listed, listed = said.lower().partition("supported values")
    known = re.findall(r"['\"`](\w+)['\"`]", listed) if is_listed else []
    return next((effort for effort in _EFFORTS if effort in known), None)


def find_lowest_effort(model: str) -> str | None:
    """The least reasoning that a reasoning model is known to allow; None for every other model."""
    name = model.lower().rsplit("/", 1)[-1]
    if re.match(r"gpt-oss|o1$|o1-20|o3|o4", name):
        return "low"
    newest = re.match(r"gpt-(\d+)(\.\d+)?", name)
    if newest is None or int(newest[1]) < 5 or re.search(r"chat|pro\b|audio|realtime|search", name):
        return None
    if newest[1] == "5" and newest[2] is None:
        return "low" if "codex" in name else "minimal"
    return "none"


def _choose_name_of_max_tokens(model: str, refused: frozenset[str]) -> str:
    """Models that reason know it by another name; either name stands in for the other where that is refused."""
    names: Sequence[str] = ("max_tokens", "max_completion_tokens")
    if find_lowest_effort(model) is not None and "gpt-oss" not in model:
        names = names[::-1]
    return names[1] if names[0] in refused else names[0]


def _hold_to_schema(schema: OpenData, *, is_strict: bool) -> OpenData:
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema, "strict": is_strict},
    }


def _is_strict(sent: Mapping[str, object]) -> bool:
    return "'strict': True" in str(sent["response_format"])


def _is_mentioned(name: str, text: str) -> bool:
    if re.search(rf"\b{name}\b", text):
        return True
    words = _OTHER_WORDS.get(name)
    return words is not None and bool(words.search(text))
