"""The action protocol over HTTP as an OpenAPI document."""

from typing import Any

Json = dict[str, Any]

_PREFIX = "#/components/schemas/"
_INTRODUCTION = (
    "How an assistant calls the custom actions of a project. Any program that answers these three paths is an action "
    "server. The same calls over gRPC are in action_webhook.proto."
)


def describe_openapi(schemas: Json) -> Json:
    """The document, over schemas whose references begin with `#/components/schemas/`."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Action server", "version": "1.0.0", "description": _INTRODUCTION},
        "servers": [{"url": "http://localhost:5055"}],
        "paths": {
            "/webhook": {"post": _describe_call()},
            "/actions": {"get": _describe_list()},
            "/health": {"get": _describe_health()},
        },
        "components": {
            "schemas": schemas,
            "headers": {
                "Features": {
                    "description": (
                        "What the server does beyond the protocol, separated by spaces: domain-digest, idempotency, "
                        "streaming. A caller leaves out a domain that the server has, and repeats a call whose fate "
                        "is unknown, only where this says so."
                    ),
                    "schema": {"type": "string"},
                }
            },
        },
    }


def _describe_call() -> Json:
    return {
        "operationId": "runAction",
        "summary": "Run an action.",
        "parameters": [
            _describe_header(
                "Idempotency-Key",
                "The same when a call is made again: the effect happens once. Its value is percent-encoded.",
            ),
            _describe_header(
                "Content-Encoding",
                "`deflate` (zlib) or `gzip`, if the body is compressed. Rasa's servers know `deflate` alone.",
            ),
            _describe_header("traceparent", "W3C trace context of the caller."),
        ],
        "requestBody": {"required": True, "content": _make_content("Call")},
        "responses": {
            "200": {
                **_describe_answer("The action ran; null if the call names none.", "Answer"),
                "content": {
                    "application/json": {
                        "schema": {"anyOf": [{"$ref": f"{_PREFIX}Answer"}, {"type": "null"}]}
                    }
                },
            },
            "400": {
                **_describe_answer(
                    "The action declined; without `action_name`, the body is no call.", "Refusal"
                ),
                "content": {
                    "application/json": {
                        "schema": {
                            "anyOf": [{"$ref": f"{_PREFIX}Refusal"}, {"$ref": f"{_PREFIX}InvalidRequest"}]
                        }
                    }
                },
            },
            "404": _describe_answer("There is no such action.", "Refusal"),
            "449": _describe_answer(
                "The server does not have the domain: call again and send it.", "Refusal"
            ),
            "500": _describe_answer("The action failed.", "Failure"),
            "503": _describe_answer("The server is busy or shutting down; nothing was run.", "Failure"),
        },
    }


def _describe_list() -> Json:
    names = {"type": "array", "items": {"$ref": f"{_PREFIX}ActionName"}}
    return {
        "operationId": "listActions",
        "summary": "List the actions.",
        "responses": {
            "200": {
                **_describe_answer("All actions of the server.", "ActionName"),
                "content": {"application/json": {"schema": names}},
            }
        },
    }


def _describe_health() -> Json:
    return {
        "operationId": "checkHealth",
        "summary": "Ask whether the server is well.",
        "responses": {"200": _describe_answer("It is.", "Health")},
    }


def _describe_answer(description: str, model: str) -> Json:
    return {
        "description": description,
        "headers": {"duologue-features": {"$ref": "#/components/headers/Features"}},
        "content": _make_content(model),
    }


def _describe_header(name: str, description: str) -> Json:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


def _make_content(model: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"{_PREFIX}{model}"}}}
