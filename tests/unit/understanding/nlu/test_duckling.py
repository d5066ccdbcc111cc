"""Numbers, money, dates and the like, from a server, from Duckling inside the process, or from our own rules."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs

import pytest

from duologue.core.nlu_components import Kind
from duologue.core.nlu_options import DucklingOptions
from duologue.core.understanding import Entity
from duologue.understanding.nlu.building import build_components
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.extractors.duckling.beside import DucklingBeside
from duologue.understanding.nlu.extractors.duckling.extractor import DucklingEntityExtractor
from duologue.understanding.nlu.extractors.duckling.native import has_native
from duologue.understanding.nlu.extractors.duckling.plain import PlainReader
from duologue.understanding.nlu.extractors.duckling.worker import Order
from duologue.understanding.nlu.message import NluMessage
from duologue.understanding.nlu.plan import PlannedComponent
from duologue.wire.understanding import format_entity, parse_entity

NOW = 1_700_000_000.0
"""14 November 2023, 22:13 UTC, a Tuesday."""
needs_duckling = pytest.mark.skipif(
    find_spec("duckling") is None, reason="Duckling's package is not installed"
)


def extract(text: str, options: DucklingOptions, language: str = "en") -> list[Entity]:
    extractor = DucklingEntityExtractor(options, language, clock=lambda: NOW)
    message = NluMessage(text=text)
    extractor.process(message)
    return message.entities


# ----------------------------------------------------------------------------------------- inside the process


@needs_duckling
def test_an_entity_has_the_shape_that_rasa_gives_it() -> None:
    (entity,) = extract("a café for 5 people", DucklingOptions(dimensions=("number",)))
    assert entity == Entity(
        entity="number",
        value=5,
        start=11,
        end=12,
        confidence=1.0,
        extractor="DucklingEntityExtractor",
        extra={"text": "5", "additional_info": {"value": 5, "type": "value"}},
    )


def test_its_json_is_that_of_rasa_and_comes_back() -> None:
    (entity,) = extract("loS 4", DucklingOptions(dimensions=("number",)), "tlh")
    told = format_entity(entity)
    assert told == {
        "entity": "number",
        "value": 4,
        "start": 4,
        "end": 5,
        "confidence": 1.0,
        "extractor": "DucklingEntityExtractor",
        "text": "4",
        "additional_info": {"value": 4, "type": "value"},
    }
    assert parse_entity(told) == entity


@needs_duckling
def test_a_stretch_of_time_has_two_ends() -> None:
    (entity,) = extract(
        "from 3pm to 5pm tomorrow", DucklingOptions(dimensions=("time",), timezone="Europe/Berlin")
    )
    assert entity.value == {"from": "2023-11-15T15:00:00.000+01:00", "to": "2023-11-15T18:00:00.000+01:00"}


@needs_duckling
def test_the_language_of_the_assistant_is_read_unless_a_locale_is_named() -> None:
    text = "demain à 15h"
    times = DucklingOptions(dimensions=("time",))
    assert [entity.value for entity in extract(text, times, "fr")] == ["2023-11-15T15:00:00.000+00:00"]
    assert [entity.extra["text"] for entity in extract(text, times, "fr")] == [text]
    in_french = DucklingOptions(dimensions=("time",), locale="fr_FR")
    assert extract(text, in_french, "en") == extract(text, times, "fr")


@needs_duckling
@pytest.mark.parametrize("text", ["", "   ", "\x00 5", "\ud800 5", "5" * 400, "🙂 5"])
def test_no_text_breaks_it(text: str) -> None:
    for entity in extract(text, DucklingOptions()):
        assert entity.start is not None
        assert text[entity.start : entity.end] == entity.extra["text"]


@needs_duckling
@pytest.mark.slow
def test_a_text_that_would_take_duckling_minutes_is_left_to_our_rules(
    caplog: pytest.LogCaptureFixture,
) -> None:
    extractor = DucklingEntityExtractor(
        DucklingOptions(dimensions=("time", "email")), "en", clock=lambda: NOW
    )
    for text, found in (("from 3pm to 5pm tomorrow " * 4 + "a@b.org", "email"), ("tomorrow", "time")):
        message = NluMessage(text=text)
        extractor.process(message)
        assert message.entities[-1].entity == found
    assert [record.message for record in caplog.records] == [
        "Duckling gave no answer for a text of 107 characters; our own rules read it."
    ]


def test_a_process_that_ends_at_once_is_not_started_for_ever(tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'starts')!r}, 'a').write('x')"
    order = Order(locale="en", timezone="UTC", dimensions=("number",))
    plain = PlainReader("en", "UTC", ("number",))
    duckling = DucklingBeside(order, plain, command=(sys.executable, "-c", code))
    assert [duckling.read("4", NOW)[0]["value"]["value"] for _ in range(5)] == [4] * 5
    assert (tmp_path / "starts").read_text(encoding="utf-8") == "xxx"


def test_a_language_that_duckling_does_not_know_is_left_to_our_rules() -> None:
    assert not has_native("tlh")
    assert [entity.value for entity in extract("loS 4", DucklingOptions(dimensions=("number",)), "tlh")] == [
        4
    ]


# -------------------------------------------------------------------------------------------------- our rules


@pytest.mark.parametrize(
    ("language", "text", "kind", "body", "value"),
    [
        ("en", "mail me at a.b@x.org now", "email", "a.b@x.org", {"value": "a.b@x.org"}),
        ("en", "see https://x.org/a?b=c.", "url", "https://x.org/a?b=c", {"value": "https://x.org/a?b=c", "domain": "x.org"}),
        ("en", "it costs $1,234.50", "amount-of-money", "$1,234.50", {"value": 1234.5, "type": "value", "unit": "$"}),
        ("de", "das kostet 1.234,50 Euro", "amount-of-money", "1.234,50 Euro", {"value": 1234.5, "type": "value", "unit": "EUR"}),
        ("en", "in two weeks", "duration", "two weeks", {"value": 2, "type": "value", "unit": "week", "week": 2, "normalized": {"value": 1209600, "unit": "second"}}),
        ("en", "5 km away", "distance", "5 km", {"value": 5, "type": "value", "unit": "kilometre"}),
        ("fr", "2 litres d'eau", "volume", "2 litres", {"value": 2, "type": "value", "unit": "litre"}),
        ("en", "20 °C outside", "temperature", "20 °C", {"value": 20, "type": "value", "unit": "celsius"}),
        ("en", "the 3rd one", "ordinal", "3rd", {"value": 3, "type": "value"}),
        ("en", "a party of seven", "number", "seven", {"value": 7, "type": "value"}),
        ("en", "4111 1111 1111 1111 is mine", "credit-card-number", "4111 1111 1111 1111", {"value": "4111111111111111"}),
        ("en", "call +49 30 901820 today", "phone-number", "+49 30 901820", {"value": "(+49) 30901820"}),
    ],
)  # fmt: skip
def test_our_rules_read_what_duckling_would(
    language: str, text: str, kind: str, body: str, value: object
) -> None:
    (match,) = PlainReader(language, "UTC", (kind,)).read(text, NOW)
    assert (match["dim"], match["body"], match["value"]) == (kind, body, value)
    assert text[match["start"] : match["end"]] == body


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "text", "value", "grain"),
    [
        ("en", "see you tomorrow at 5pm", "2023-11-15T17:00:00.000+00:00", "hour"),
        ("de", "morgen um 15:30 Uhr", "2023-11-15T15:30:00.000+00:00", "minute"),
    ],
)
def test_our_rules_leave_dates_to_a_library(language: str, text: str, value: str, grain: str) -> None:
    pytest.importorskip("dateparser")
    (match,) = PlainReader(language, "UTC", ("time",)).read(text, NOW)
    assert (match["value"]["value"], match["value"]["grain"]) == (value, grain)


def test_of_values_that_overlap_the_longest_stays() -> None:
    found = PlainReader("en", "UTC", ("number", "amount-of-money", "duration")).read("$5 for 3 days", NOW)
    assert [(match["dim"], match["body"]) for match in found] == [
        ("amount-of-money", "$5"),
        ("duration", "3 days"),
    ]


# --------------------------------------------------------------------------------------------------- a server


class Duckling(BaseHTTPRequestHandler):
    """Answers as Duckling's server does, or not at all."""

    forms: ClassVar[list[dict[str, list[str]]]] = []
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.forms.append(parse_qs(body.decode()))
        self.send_response(self.status)
        self.end_headers()
        value = {"value": 42, "type": "value"}
        match = {"body": "x", "start": 0, "end": 1, "dim": "number", "value": value, "latent": False}
        self.wfile.write(json.dumps([match, {**match, "dim": "ordinal"}]).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def duckling_url() -> Iterator[str]:
    Duckling.forms, Duckling.status = [], 200
    with HTTPServer(("127.0.0.1", 0), Duckling) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_server_is_asked_with_every_option(duckling_url: str) -> None:
    options = DucklingOptions(
        url=f"{duckling_url}/", locale="de_DE", timezone="Europe/Berlin", dimensions=("number",)
    )
    assert [(entity.entity, entity.value) for entity in extract("x", options)] == [("number", 42)]
    assert Duckling.forms == [
        {
            "text": ["x"],
            "locale": ["de_DE"],
            "tz": ["Europe/Berlin"],
            "dims": ['["number"]'],
            "reftime": ["1700000000000"],
        }
    ]


def test_a_server_that_the_resources_name_wins_over_that_of_the_options(duckling_url: str) -> None:
    options = DucklingOptions(url="http://127.0.0.1:9", dimensions=("number",))
    component = PlannedComponent(name="DucklingEntityExtractor", kind=Kind.ENTITY_EXTRACTOR, options=options)
    (built,) = build_components((component,), NluResources(duckling_url=duckling_url), print)
    message = NluMessage(text="x")
    built.part.process(message)
    assert [entity.value for entity in message.entities] == [42]


def test_a_server_that_fails_is_left_alone_for_a_while(
    duckling_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    Duckling.status = 500
    options = DucklingOptions(url=duckling_url, dimensions=("number",))
    extractor = DucklingEntityExtractor(options, "en", clock=lambda: NOW)
    for _ in range(2):
        message = NluMessage(text="9 lives")
        extractor.process(message)
        assert [entity.value for entity in message.entities] == [9]
    assert len(Duckling.forms) == 1
    assert [record.message.partition(" is of no use now (")[2] for record in caplog.records] == [
        "it answers 500); texts are read inside the process for 30 seconds."
    ]
