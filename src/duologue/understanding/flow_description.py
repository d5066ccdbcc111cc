"""What a flow's description says it is for: without its exclusions, and with its quoted phrases as examples."""

import re

import msgspec


class DescriptionParts(msgspec.Struct, frozen=True, kw_only=True):
    """A description taken apart."""

    positive: str
    """What the flow is for."""
    phrases: tuple[str, ...]
    """Quoted wordings, which authors give as what users say."""
    negative: str
    """What the flow is not for."""


# From here to the end of the sentence the author speaks of other flows.
_EXCLUSION = re.compile(
    r"\b(?:(?:does|do|should|must|can|is|are|will)(?: not|n't)|never|not) (?:apply|cover|include|handle|support|refer|deal|concern|involve|mean|use|start|trigger|predict|confuse|be|"
    r"used|intended|meant|for|about|related|to be|just|only|consider|select|choose|address|suitable|valid)\b|"
    r"\b(?:excludes?|excluding|exclusive of|except(?: for| when| if)?|other than|rather than|unrelated to|instead of|as opposed to|without|never)\b|[,—–-] ?(?:but )?not (?=\S)|"
    r"\b(?:gilt|dient|ist|wird) nicht\b|\bnicht (?:für|bei|verwenden|nutzen|zu verwechseln|gedacht|geeignet)\b|\b(?:außer|ausgenommen|ausgeschlossen|schließt .* aus|anstatt|niemals|nie)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
_QUOTED = re.compile(r"[“”\"„«»]([^“”\"„«»]{3,80})[“”\"„«»]|(?<!\w)[‘'`]([^‘’'`]{3,80})[’'`](?!\w)")


def read_description(description: str) -> DescriptionParts:
    """Take a flow's description apart."""
    positive: list[str] = []
    negative: list[str] = []
    phrases: list[str] = []
    for sentence in _SENTENCE_END.split(description.strip()):
        found = _EXCLUSION.search(sentence)
        kept, dropped = (sentence[: found.start()], sentence[found.start() :]) if found else (sentence, "")
        positive.append(kept)
        negative.append(dropped)
        phrases.extend((match[1] or match[2]).strip(" .,!;") for match in _QUOTED.finditer(kept))
    return DescriptionParts(
        positive=" ".join(positive), phrases=tuple(phrases), negative=" ".join(filter(None, negative))
    )
