"""The `ieum` command. Each command is a few lines, and imports only what it runs: processes start quickly."""

import asyncio
import os
from typing import Annotated

import typer
from pydantic import ValidationError

from server import process
from server.config import Settings
from server.domain.engines import Engine
from server.domain.organisations import TenantKind
from server.domain.people import Role
from server.preparation import CannotStart

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Video interviews and counselling for public services.",
)
admin = typer.Typer(no_args_is_help=True, help="Accounts of a real site, and its nodes.")
cli.add_typer(admin, name="admin")


@cli.command()
def serve(
    sample: Annotated[
        bool, typer.Option("--sample", help="With invented people to try it with, on this machine only.")
    ] = False,
) -> None:
    """Run everything on this machine: one web, one or more nodes, one worker."""
    from server import serving

    serving.serve(_settings(), sample=sample)


@cli.command()
def web() -> None:
    """Run the pages, the API and the sockets."""
    from server.app.web import web as body

    settings = _settings()
    process.run("web", lambda: body(settings), debug=settings.debug)


@cli.command()
def node(
    engine: Annotated[
        Engine | None, typer.Option(help="What carries its media; without it, as IEUM_ENGINE says.")
    ] = None,
) -> None:
    """Run a node: it carries rooms, their media and their recordings' spool."""
    from server.app.node import node as body

    settings = _settings()
    if engine is not None:
        settings = settings.model_copy(update={"engine": engine})
    process.run(settings.node_name, lambda: body(settings), debug=settings.debug)


@cli.command()
def work() -> None:
    """Run the scheduler and the jobs."""
    from server.app.work import work as body

    settings = _settings()
    process.run("work", lambda: body(settings), debug=settings.debug)


@cli.command()
def migrate() -> None:
    """Bring the database to this version; SQLite is backed up first."""
    from server.app import administration

    asyncio.run(administration.migrate(_settings()))


@cli.command()
def check() -> None:
    """Say whether settings, folder, secrets and database would do, without starting anything."""
    from server.app import administration

    for line in asyncio.run(administration.check(_settings())):
        typer.echo(line)


@cli.command()
def verify(
    recording: Annotated[list[str] | None, typer.Argument(help="Ids; without any, all that are kept.")] = None,
) -> None:
    """Check that everything stored of recordings is there and is what was written; exit status 1 if not."""
    from server.app import administration

    async def whole() -> bool:
        well = True
        async for line, is_well in administration.verify(_settings(), recording or []):
            typer.echo(line)
            well = well and is_well
        return well

    if not asyncio.run(whole()):
        raise typer.Exit(1)


@admin.command()
def create(
    organisation: Annotated[str, typer.Option(prompt="Name of the organisation")],
    phone: Annotated[str, typer.Option(prompt="Its phone number, shown on every page of a seeker")],
    name: Annotated[str, typer.Option(prompt="Name of its first member of staff")],
    email: Annotated[str, typer.Option(prompt="Their e-mail address, to sign in with")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    kind: Annotated[TenantKind, typer.Option(help="What it is")] = TenantKind.CENTRE,
    zone: Annotated[str, typer.Option(help="Its IANA time zone")] = "Asia/Seoul",
) -> None:
    """Make an organisation and its first account: an administrator, or an employer's lead interviewer."""
    from server.app import administration

    role = Role.LEAD_INTERVIEWER if kind is TenantKind.EMPLOYER else Role.ADMIN
    account = administration.Account(name=name, email=email, role=role, password=password)
    made = asyncio.run(administration.create_organisation(_settings(), kind, organisation, phone, zone, account))
    typer.echo(f"{name} can sign in as {email}. The id of {organisation} is {made}.")


@admin.command()
def add(
    organisation: Annotated[str, typer.Option(prompt="Name or id of the organisation")],
    role: Annotated[Role, typer.Option(prompt="Role")],
    name: Annotated[str, typer.Option(prompt="Name")],
    email: Annotated[str, typer.Option(prompt="E-mail address, to sign in with")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Add one more member of staff."""
    from server.app import administration

    account = administration.Account(name=name, email=email, role=role, password=password)
    asyncio.run(administration.add_account(_settings(), organisation, account))
    typer.echo(f"{name} can sign in as {email}.")


@admin.command()
def engine(
    organisation: Annotated[str, typer.Option(prompt="Name or id of the organisation")],
    on: Annotated[Engine | None, typer.Option(help="Which nodes carry its rooms; without it, any.")] = None,
    room: Annotated[str, typer.Option(help="Only the room of this name")] = "",
) -> None:
    """Have rooms carried by nodes of one engine, as long as one has place. From the next conversation on."""
    from server.app import administration

    changed = asyncio.run(administration.choose_engine(_settings(), organisation, room, on))
    typer.echo(f"{changed} rooms of {organisation}: {on or 'any engine'}.")


Node = Annotated[str, typer.Argument(help="Its name, as the live board and the log say it.")]


@admin.command()
def drain(node: Node) -> None:
    """Let a node take no new room; those on it move to other nodes, with everybody in them."""
    from server.app import administration

    typer.echo(asyncio.run(administration.drain_node(_settings(), node, wanted=True)))


@admin.command()
def undrain(node: Node) -> None:
    """Let a node take rooms again."""
    from server.app import administration

    typer.echo(asyncio.run(administration.drain_node(_settings(), node, wanted=False)))


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        raise CannotStart(f"IEUM_{'_'.join(str(part) for part in first['loc']).upper()}: {first['msg']}") from None


def main() -> None:
    """Entry point: a refusal is one sentence, not a traceback. Whatever we write, nobody else on the machine reads."""
    os.umask(0o077)
    try:
        cli(prog_name="ieum")
    except CannotStart as refusal:
        process.refuse(str(refusal), refusal.exit_status)
