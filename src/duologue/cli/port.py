"""What `--port` takes."""

import click

PORT = click.IntRange(0, 65535)
"""0 stands for any free port."""
