"""Hold the suite against a running server from the command line."""

import asyncio
import sys
from pathlib import Path

import click

from duologue.testing.conformance.actions.behaviour_checks import REFERENCE_FILE
from duologue.testing.conformance.actions.door import Door
from duologue.testing.conformance.actions.http_door import HttpDoor
from duologue.testing.conformance.actions.report import Report
from duologue.testing.conformance.actions.suite import Level, run_suite

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _show_reference(context: click.Context, _: click.Parameter, is_wanted: bool) -> None:
    if is_wanted:
        click.echo(REFERENCE_FILE.read_text(encoding="utf-8"), nl=False)
        context.exit()


@click.command(help="Hold an action server against the protocol. Name it with --http, --grpc, or both.")
@click.option("--http", metavar="URL", help="Address of its webhook, such as http://localhost:5055/webhook.")
@click.option("--grpc", metavar="HOST:PORT", help="Address of its gRPC service.")
@click.option(
    "--level",
    type=click.Choice([str(level) for level in Level]),
    default=str(Level.FULL),
    show_default=True,
    help="basic: what holds for every server; full: the reference actions too, and what the server announces.",
)
@click.option("--cafile", type=_FILE, help="Authorities of the server's certificate, in PEM.")
@click.option("--certificate", type=_FILE, help="Our certificate for mutual TLS over gRPC, in PEM.")
@click.option("--key", type=_FILE, help="Its key, in PEM.")
@click.option(
    "--reference",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_reference,
    help="Print the reference actions in Python, and end.",
)
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Write the findings to this file too."
)
def main(  # noqa: PLR0917 one for each option
    http: str | None,
    grpc: str | None,
    level: str,
    cafile: Path | None,
    certificate: Path | None,
    key: Path | None,
    json_file: Path | None,
) -> None:
    """Run the suite; the exit code is 1 if a promise is broken."""
    if http is None and grpc is None:
        raise click.UsageError("Name the server with --http or --grpc.")
    if http is not None and not http.startswith(("http://", "https://")):
        raise click.UsageError("--http needs a web address, such as http://localhost:5055/webhook.")
    if (certificate is None) != (key is None):
        raise click.UsageError("A certificate needs its key: give both --certificate and --key.")
    pem = [None if file is None else file.read_bytes() for file in (cafile, certificate, key)]

    async def hold() -> Report:
        doors: list[Door] = []
        if http is not None:
            doors.append(HttpDoor(http, cafile=str(cafile) if cafile else None))
        if grpc is not None:
            doors.append(_open_grpc(grpc, *pem))
        try:
            return await run_suite(doors, Level(level))
        finally:
            for door in doors:
                await door.close()

    report = asyncio.run(hold())
    click.echo(report.format_text())
    if json_file is not None:
        json_file.write_bytes(report.format_json())
    sys.exit(0 if report.is_conformant else 1)


def _open_grpc(address: str, authorities: bytes | None, certificate: bytes | None, key: bytes | None) -> Door:
    try:
        from duologue.testing.conformance.actions.grpc_door import GrpcDoor
    except ImportError as error:
        raise click.UsageError('--grpc needs the extra "grpc": pip install "duologue[grpc]".') from error
    return GrpcDoor(address, authorities=authorities, certificate=certificate, key=key)


if __name__ == "__main__":
    main()
