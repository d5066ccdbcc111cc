"""How a DynamoDB table is found."""

import msgspec


class DynamodbOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The entry of `endpoints.yml`, completed from the environment."""

    table_name: str = "states"
    """The name that Rasa gives its table, which has a layout of its own; ours stands beside it."""
    region: str = "us-east-1"
    endpoint_url: str | None = None
    """An address other than that of AWS."""

    @property
    def table(self) -> str:
        """Our table."""
        return f"{self.table_name}_duologue"

    @property
    def where(self) -> str:
        """The table, for messages."""
        return f"DynamoDB table {self.table} in {self.endpoint_url or self.region}"
