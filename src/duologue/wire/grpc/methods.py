"""The methods that an action server has over gRPC, as they are called."""

SERVICE = "action_server_webhook.ActionService"
WEBHOOK = f"/{SERVICE}/Webhook"
WEBHOOK_STREAM = f"/{SERVICE}/WebhookStream"
ACK_STREAM_CHUNKS = f"/{SERVICE}/AckStreamChunks"
ACTIONS = f"/{SERVICE}/Actions"

HEALTH_NAME = "ActionServer"
"""The name of the service in `grpc.health.v1`."""

JSON_SERVICE = "duologue.JsonActionService"
"""The same calls with another request: the JSON of a call over HTTP, as it is. Building and reading a tree of messages for a
conversation of some length takes longer than everything else about a call. Servers of others do not have it, so nothing is
run where it is tried in vain."""
JSON_WEBHOOK = f"/{JSON_SERVICE}/Webhook"
JSON_WEBHOOK_STREAM = f"/{JSON_SERVICE}/WebhookStream"
JSON_FEATURE = "json-calls"
"""What a server that has these methods says among its features."""
