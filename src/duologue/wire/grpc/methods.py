"""The methods of the service `ActionService`, as they are called."""

SERVICE = "action_server_webhook.ActionService"
WEBHOOK = f"/{SERVICE}/Webhook"
WEBHOOK_STREAM = f"/{SERVICE}/WebhookStream"
ACK_STREAM_CHUNKS = f"/{SERVICE}/AckStreamChunks"
ACTIONS = f"/{SERVICE}/Actions"

HEALTH_NAME = "ActionServer"
"""The name of the service in `grpc.health.v1`."""
