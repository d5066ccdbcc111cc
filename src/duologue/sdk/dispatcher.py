"""What an action says."""

# ruff: noqa: PLR0917 - the order of the parameters is the one authors know.

import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from duologue.sdk.tracker import Tracker

# Messages are open JSON: an author may add any field, which becomes a variable of the response.
Message = dict[str, Any]
ChunkSink = Callable[[Message], Awaitable[None]]


class CollectingDispatcher:
    """Collects an action's messages; streams pieces of one where the transport can.

    With a `sink` each chunk leaves at once; without one, `stream_end` turns the chunks into ordinary messages, so
    that the same action works on every transport.
    """

    def __init__(self, sink: ChunkSink | None = None) -> None:
        # These are the names that rasa_sdk's dispatcher has, since servers written for it set the sink themselves.
        self.messages: list[Message] = []
        self._stream_sink = sink
        self._stream_accumulated_chunks: list[Message] = []
        self._stream_active = False
        self._stream_cancelled = False

    def utter_message(
        self,
        text: str | None = None,
        image: str | None = None,
        json_message: dict[str, Any] | None = None,
        template: str | None = None,
        response: str | None = None,
        attachment: str | None = None,
        buttons: list[dict[str, Any]] | None = None,
        elements: list[dict[str, Any]] | None = None,
        **kwargs: Any,
    ) -> None:
        """Send a message: free text, a `response` of the domain, or rich content; other fields are its variables."""
        if template and not response:
            warnings.warn(
                "Please pass the parameter `response` instead of `template` to `utter_message`; `template` is its "
                "old name.",
                FutureWarning,
                stacklevel=2,
            )
            response = template
        self.messages.append(
            {
                "text": text,
                "buttons": buttons or [],
                "elements": elements or [],
                "custom": json_message or {},
                "template": response,
                "response": response,
                "image": image,
                "attachment": attachment,
                **kwargs,
            }
        )

    # Streaming

    @property
    def sink(self) -> ChunkSink | None:
        """Where each piece goes at once; None where the transport cannot stream."""
        return self._stream_sink

    @sink.setter
    def sink(self, sink: ChunkSink | None) -> None:
        self._stream_sink = sink

    @property
    def is_streaming_active(self) -> bool:
        """Whether a stream was started and not yet ended."""
        return self._stream_active

    @property
    def is_streaming_cancelled(self) -> bool:
        """Whether the user interrupted the current stream."""
        return self._stream_cancelled

    async def stream_start(self) -> None:
        """Begin a streamed message."""
        self._stream_accumulated_chunks = []
        self._stream_active = True
        self._stream_cancelled = False
        await self._send({"event": "stream_start"})

    async def stream_chunk(
        self,
        text: str | None = None,
        image: str | None = None,
        json_message: dict[str, Any] | None = None,
        attachment: str | None = None,
        buttons: list[dict[str, Any]] | None = None,
        elements: list[dict[str, Any]] | None = None,
        **kwargs: Any,
    ) -> None:
        """Send a piece of the message; starts the stream if need be, and is dropped once the user interrupted."""
        if forbidden := sorted({"template", "response"} & kwargs.keys()):
            raise ValueError(
                f"stream_chunk() does not support {forbidden!r}. Use utter_message() for template-based responses."
            )
        if self._stream_cancelled:
            return
        if not self._stream_active:
            await self.stream_start()
        given = {
            "text": text,
            "image": image,
            "custom": json_message or None,
            "attachment": attachment,
            "buttons": buttons or None,
            "elements": elements or None,
        }
        chunk = {**{name: value for name, value in given.items() if value is not None}, **kwargs}
        self._stream_accumulated_chunks.append(chunk)
        await self._send({"event": "stream_chunk", **chunk})

    async def stream_end(self) -> None:
        """End the streamed message."""
        await self._send({"event": "stream_end"})
        if self._stream_sink is None:
            for chunk in self._stream_accumulated_chunks:
                self.utter_message(**chunk)
        self._stream_accumulated_chunks = []
        self._stream_active = False

    def cancel_stream(self) -> None:
        """Drop all later chunks; the transport calls this when the user interrupts."""
        self._stream_cancelled = True

    async def _send(self, chunk: Message) -> None:
        if self._stream_sink is not None:
            await self._stream_sink(chunk)

    # Old names, for code that still uses them

    def utter_custom_message(self, *elements: dict[str, Any], **kwargs: Any) -> None:
        """Old name of `utter_message(elements=…)`."""
        _warn_of_old_name("utter_custom_message", "elements=<list of elements>")
        self.utter_message(elements=list(elements), **kwargs)

    def utter_elements(self, *elements: dict[str, Any], **kwargs: Any) -> None:
        """Old name of `utter_message(elements=…)`."""
        _warn_of_old_name("utter_elements", "elements=<list of elements>")
        self.utter_message(elements=list(elements), **kwargs)

    def utter_button_message(self, text: str, buttons: list[dict[str, Any]], **kwargs: Any) -> None:
        """Old name of `utter_message(text=…, buttons=…)`."""
        _warn_of_old_name("utter_button_message", "text=<text> , buttons=<list of buttons>")
        self.utter_message(text=text, buttons=buttons, **kwargs)

    def utter_attachment(self, attachment: str, **kwargs: Any) -> None:
        """Old name of `utter_message(attachment=…)`."""
        _warn_of_old_name("utter_attachment", "attachment=<attachment>")
        self.utter_message(attachment=attachment, **kwargs)

    def utter_button_template(
        self,
        template: str,
        buttons: list[dict[str, Any]],
        tracker: Tracker,
        silent_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        """Old name of `utter_message(response=…, buttons=…)`; the last two parameters mean nothing any more."""
        _warn_of_old_name("utter_button_template", "response=<name>, buttons=<list of buttons>")
        self.utter_message(template=template, buttons=buttons, **kwargs)

    def utter_template(
        self, template: str, tracker: Tracker, silent_fail: bool = False, **kwargs: Any
    ) -> None:
        """Old name of `utter_message(response=…)`; the last two parameters mean nothing any more."""
        _warn_of_old_name("utter_template", "response=<template_name>")
        self.utter_message(response=template, **kwargs)

    def utter_custom_json(self, json_message: dict[str, Any], **kwargs: Any) -> None:
        """Old name of `utter_message(json_message=…)`."""
        _warn_of_old_name("utter_custom_json", "json_message=<message dict>")
        self.utter_message(json_message=json_message, **kwargs)

    def utter_image_url(self, image: str, **kwargs: Any) -> None:
        """Old name of `utter_message(image=…)`."""
        _warn_of_old_name("utter_image_url", "image=<image url>")
        self.utter_message(image=image, **kwargs)


def _warn_of_old_name(method: str, arguments: str) -> None:
    warnings.warn(
        f"Use of `{method}` is deprecated. Use `utter_message({arguments})` instead.",
        FutureWarning,
        stacklevel=3,
    )
