"""`credentials.yml`: the channels an assistant listens on, each with its options."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from duologue.core.values import OpenData
from duologue.project.endpoints_reader import open_settings
from duologue.project.problems import Problems, suggest_name

CHANNELS = frozenset(
    (
        "audiocodes",
        "audiocodes_stream",
        "botframework",
        "browser_audio",
        "callback",
        "cmdline",
        "facebook",
        "genesys",
        "hangouts",
        "inspector",
        "jambonz",
        "jambonz_stream",
        "mattermost",
        "rasa",
        "rest",
        "rocketchat",
        "slack",
        "socketio",
        "studio_chat",
        "telegram",
        "twilio",
        "twilio_media_streams",
        "twilio_voice",
        "vier_cvg",
        "webexteams",
    )
)


class CredentialsReading(msgspec.Struct, frozen=True, kw_only=True):
    """Channel name, or dotted class, to its options; they may hold secrets."""

    channels: dict[str, OpenData]
    problems: Problems


def read_credentials(
    path: Path, *, root: Path | None = None, environment: Mapping[str, str]
) -> CredentialsReading:
    """Read a credentials file; all that is wrong becomes problems. Ask first whether there is one."""
    problems = Problems()
    channels: dict[str, OpenData] = {}
    fields = open_settings(path, root, environment, problems)
    for name in fields.data if fields else ():
        if fields is None or name == "version":
            continue
        if not is_channel(name):
            problems.warn(
                fields.place.at(name),
                f"There is no channel `{name}`; the entry is ignored.",
                suggest_name(name, CHANNELS)
                or "A channel of your own is named by its class, `module.Class`.",
            )
        channels[name] = fields.mapping(name)
    return CredentialsReading(channels=channels, problems=problems)


def is_channel(name: str) -> bool:
    """Whether it is the name of a channel, or a dotted path that may lead to one."""
    return name in CHANNELS or "." in name
