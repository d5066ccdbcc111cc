"""Set tracing up as `endpoints.yml` says."""

# pyright: basic
# Options are whatever the file has; grpc comes without types.

from __future__ import annotations

import abc
import base64
import logging
import os
from typing import Any

import grpc
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from ..executor import ActionExecutor
from ..forms import FormValidationAction, ValidationAction
from .endpoints import EndpointConfig, read_endpoint_config
from .instrumentation import instrumentation

TRACING_SERVICE_NAME = os.environ.get("RASA_SDK_TRACING_SERVICE_NAME", "rasa_sdk")

ENDPOINTS_TRACING_KEY = "tracing"
ENDPOINTS_TRACING_SERVICE_NAME_KEY = "service_name"

logger = logging.getLogger(__name__)


def configure_tracing(tracer_provider: TracerProvider | None) -> None:
    """Put spans around what the server does, if there is a tracer."""
    if tracer_provider is None:
        return
    instrumentation.instrument(
        tracer_provider=tracer_provider,
        action_executor_class=ActionExecutor,
        validation_action_class=ValidationAction,
        form_validation_action_class=FormValidationAction,
    )


def get_tracer_provider(endpoints_file: str) -> TracerProvider | None:
    """Make the tracer that the file asks for; None if it asks for none, or for one that is not known."""
    endpoint = read_endpoint_config(endpoints_file, ENDPOINTS_TRACING_KEY)
    if not endpoint:
        logger.info(
            f"No endpoint for tracing type available in {endpoints_file},tracing will not be configured."
        )
        return None
    if endpoint.type == "jaeger":
        return JaegerTracerConfigurer.configure_from_endpoint_config(endpoint)
    if endpoint.type == "otlp":
        return OTLPCollectorConfigurer.configure_from_endpoint_config(endpoint)
    logger.warning(f"Unknown tracing type {endpoint.type} read from {endpoints_file}, ignoring.")
    return None


class TracerConfigurer(abc.ABC):
    """Makes a tracer for one kind of collector."""

    @classmethod
    @abc.abstractmethod
    def configure_from_endpoint_config(cls, cfg: EndpointConfig) -> TracerProvider:
        """Make the tracer."""


class JaegerTracerConfigurer(TracerConfigurer):
    """Sends spans to Jaeger, which understands OTLP."""

    @classmethod
    def configure_from_endpoint_config(cls, cfg: EndpointConfig) -> TracerProvider:
        """Make the tracer."""
        options = cls._extract_config(cfg)
        endpoint = f"http://{options['agent_host_name']}:{options.get('agent_port', 4317)}"
        exporter = OTLPSpanExporter(endpoint=endpoint, insecure=True, headers=cls._build_headers(options))
        service_name = cfg.kwargs.get(ENDPOINTS_TRACING_SERVICE_NAME_KEY, TRACING_SERVICE_NAME)
        provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service_name}))
        logger.info(
            f"Registered {cfg.type} endpoint for tracing using OTLP. Traces will be exported to {endpoint}."
        )
        provider.add_span_processor(BatchSpanProcessor(exporter))
        return provider

    @classmethod
    def _extract_config(cls, cfg: EndpointConfig) -> dict[str, Any]:
        return {
            "agent_host_name": cfg.kwargs.get("host", "localhost"),
            "agent_port": cfg.kwargs.get("port", 6831),
            "username": cfg.kwargs.get("username"),
            "password": cfg.kwargs.get("password"),
        }

    @classmethod
    def _build_headers(cls, jaeger_config: dict[str, Any]) -> list[tuple[str, str]] | None:
        username, password = jaeger_config.get("username"), jaeger_config.get("password")
        if not username or not password:
            return None
        credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
        return [("Authorization", f"Basic {credentials}")]


class OTLPCollectorConfigurer(TracerConfigurer):
    """Sends spans to a collector of OpenTelemetry over gRPC."""

    @classmethod
    def configure_from_endpoint_config(cls, cfg: EndpointConfig) -> TracerProvider:
        """Make the tracer."""
        endpoint, insecure = cfg.kwargs["endpoint"], cfg.kwargs.get("insecure")
        credentials = cls._get_credentials(cfg, insecure)
        exporter = OTLPSpanExporter(endpoint=endpoint, insecure=insecure, credentials=credentials)
        provider = TracerProvider(resource=Resource.create({SERVICE_NAME: TRACING_SERVICE_NAME}))
        logger.info(f"Registered {cfg.type} endpoint for tracing.Traces will be exported to {endpoint}")
        provider.add_span_processor(BatchSpanProcessor(exporter))
        return provider

    @classmethod
    def _get_credentials(cls, cfg: EndpointConfig, insecure: bool | None) -> grpc.ChannelCredentials | None:
        if insecure or "root_certificates" not in cfg.kwargs:
            return None
        with open(cfg.kwargs["root_certificates"], "rb") as file:
            return grpc.ssl_channel_credentials(root_certificates=file.read())
