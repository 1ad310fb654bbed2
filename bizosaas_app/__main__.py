"""The server and the commands beside it: its data, its operators, its workers, its keys, its backups."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping
from getpass import getpass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from agents import runtime
from bizosaas_app.gateway import job_runner, live, relay
from bizosaas_app.gateway.contracts.platform import AppointOperator
from bizosaas_app.gateway.http.field_errors import field_errors
from bizosaas_app.gateway.upstreams import running as upstreams
from bizosaas_app.gateway.upstreams import trust
from bizosaas_app.kernel import backups, counting, resources, tracing
from bizosaas_app.kernel.errors import AppError, Conflict, InputInvalid
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.secrets import SecretsUnavailable, open_secrets
from bizosaas_app.kernel.settings import Settings, get_settings
from bizosaas_app.services import demo
from bizosaas_app.services.gamification import rebuild
from bizosaas_app.services.tenants import operators

_NAMED: Final = 5
"""How many missing secrets a warning names."""
_UNNAMED: Final = (
    "the store of secrets was away when this dump was made, so it does not say which secrets it needs. Restore the"
    " store of the same day beside it (see docs/data.md)."
)


async def _migrate(settings: Settings, _: argparse.Namespace) -> str:
    head = await resources.migrate_only(settings)
    return f"The database is at {head}."


async def _seed(settings: Settings, _: argparse.Namespace) -> str:
    if settings.is_production:
        raise Conflict("Demo data is refused in production: its password is public. See create-operator")
    async with resources.start(settings), relay.running(), live.running():
        await demo.ensure()
    return "The demo data is there."


async def _create_operator(settings: Settings, arguments: argparse.Namespace) -> str:
    password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    given = {"email": arguments.email, "name": arguments.name, "password": password}
    try:
        asked = AppointOperator.model_validate(given)
        async with resources.start(settings), relay.running(), live.running():
            await operators.appoint(**asked.model_dump())
    except ValidationError as error:
        raise _unfit({item.field: item.message for item in field_errors(error.errors())}) from None
    except InputInvalid as error:
        raise _unfit(error.fields) from None
    return f"{asked.email} runs the platform and may sign in."


def _unfit(faults: Mapping[str, str]) -> InputInvalid:
    """Give the error that names each field in the one line that a command says."""
    return InputInvalid(faults, "; ".join(f"{field}: {text}" for field, text in faults.items()))


async def _rebuild(settings: Settings, _: argparse.Namespace) -> str:
    async with resources.start(settings), relay.running(), live.running():
        boards = await rebuild.every_tenant()
    return f"{boards} boards were rebuilt from the ledger."


async def _work(settings: Settings, _: argparse.Namespace) -> str:
    trust.check(settings)
    told_to_end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_end.set)
    with tracing.running(settings):
        return await _work_until(told_to_end, settings)


async def _work_until(told_to_end: asyncio.Event, settings: Settings) -> str:
    async with resources.start(settings), relay.running(), live.running():
        secrets = resources.resources().secrets
        with counting.served(settings.work_metrics), runtime.serving(settings, secrets):
            async with upstreams.running(settings, secrets), job_runner.running():
                await told_to_end.wait()
    return "The worker has ended."


async def _drift(settings: Settings, _: argparse.Namespace) -> str:
    async with resources.start(settings), relay.running(), live.running():
        found = await rebuild.mend_every_tenant()
    return (
        f"{found.boards} boards were compared: {found.entries} entries and {found.copies} copies differed, now mended."
    )


async def _rotate_keys(settings: Settings, _: argparse.Namespace) -> str:
    kid = await resources.rotate_keys(settings)
    return f"The key {kid} is published; it signs in five minutes, when every worker knows it."


async def _put_key(settings: Settings, arguments: argparse.Namespace) -> str:
    key = (getpass("Key: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()
    if not key:
        raise InputInvalid({"key": "is empty"}, "Write the key on standard input")
    secrets = await open_secrets(settings)
    try:
        await secrets.put(f"llm/{arguments.provider}", key)
    finally:
        await secrets.close()
    return f"The key of {arguments.provider} is kept; the next run uses it."


async def _forget_old_secrets(settings: Settings, _: argparse.Namespace) -> str:
    secrets = await open_secrets(settings)
    try:
        removed = await secrets.forget_older()
    finally:
        await secrets.close()
    return f"Older texts of {removed} secret{'' if removed == 1 else 's'} were removed for good."


async def _backup(settings: Settings, _: argparse.Namespace) -> str:
    keys: backups.KeyNames | None = None
    warning = ""
    secrets = await open_secrets(settings)
    try:
        keys = await backups.name_keys(secrets)
    except SecretsUnavailable as error:
        # The rows are all there: a dump that does not name the secrets beside it is worth more than none.
        warning = f"WARNING: this dump does not name the secrets that it needs: {error.message}\n"
    finally:
        await secrets.close()
    return f"{warning}Written: {await asyncio.to_thread(backups.dump, settings, keys)}"


async def _verify_backup(settings: Settings, arguments: argparse.Namespace) -> str:
    found = await asyncio.to_thread(backups.verify, Path(arguments.file))
    held = found.contents
    counts = f"{sum(held.rows.values())} rows in {len(held.rows)} tables"
    told = f"Verified: {counts}, {held.events} events, ledger checksum {held.checksum}, of {found.taken_at}."
    return told + await _tell_missing_keys(settings, found)


async def _restore(settings: Settings, arguments: argparse.Namespace) -> str:
    file = Path(arguments.file)
    found = await asyncio.to_thread(backups.restore, settings, file, is_unchecked=arguments.unchecked)
    # Asked before the rebuild, which makes the rings that are missing.
    missing = "" if found is None else await _tell_missing_keys(settings, found)
    rebuilt = await _rebuild(settings, arguments)
    return f"Restored. {rebuilt}{missing}"


async def _tell_missing_keys(settings: Settings, found: backups.Manifest) -> str:
    """Give a warning to end an answer with, or nothing when every secret of the backup is here."""
    if found.keys is None:
        return f"\nWARNING: {_UNNAMED}"
    secrets = await open_secrets(settings)
    try:
        missing = await backups.missing_keys(secrets, found.keys)
    except SecretsUnavailable as error:
        return f"\nWARNING: whether the secrets that this database needs are here was not looked at: {error.message}"
    finally:
        await secrets.close()
    if not missing:
        return ""
    named = ", ".join(missing[:_NAMED]) + (f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else "")
    return (
        f"\nWARNING: {len(missing)} secrets that this database needs are missing here, or are others: {named}.\n"
        "Without them API keys, invitations, pseudonyms, queued jobs and connected accounts do not work. Restore the"
        " store of secrets of the same day (see docs/operating.md), then run: python -m bizosaas_app rebuild"
    )


COMMANDS: Final[dict[str, Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, str]]]] = {
    "migrate": _migrate,
    "seed": _seed,
    "create-operator": _create_operator,
    "rebuild": _rebuild,
    "drift": _drift,
    "work": _work,
    "rotate-keys": _rotate_keys,
    "put-key": _put_key,
    "forget-old-secrets": _forget_old_secrets,
    "backup": _backup,
    "verify-backup": _verify_backup,
    "restore": _restore,
}


def _serve(settings: Settings, arguments: argparse.Namespace) -> None:
    trust.check(settings)  # once for all workers, which would be started anew for ever
    # Imported here: no other command needs Reflex.
    from bizosaas_app import server  # noqa: PLC0415

    server.serve(settings, host=arguments.host, port=settings.api_port, with_pages=not arguments.api_only)


def main() -> int:
    """Run one command; its answer goes to standard output, an error to standard error with exit code 1."""
    parser = argparse.ArgumentParser(prog="bizosaas", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        sub = commands.add_parser(name)
        if name in ("restore", "verify-backup"):
            sub.add_argument("file", help="a dump made by `make backup`")
        if name == "restore":
            sub.add_argument("--unchecked", action="store_true", help="take a dump without a manifest as it is")
        if name == "create-operator":
            sub.add_argument("email", help="who is to run the platform; the password comes on standard input")
            sub.add_argument("--name", default="Platform administrator", help="as others see it")
        if name == "put-key":
            sub.add_argument("provider", help="whose key comes on standard input: openai, anthropic, gemini ...")
    serving = commands.add_parser("serve", help="serve on API_PORT until interrupted")
    serving.add_argument("--api-only", action="store_true", help="without the pages, which then need not be built")
    serving.add_argument("--host", default="0.0.0.0", help="the address to listen at; every one if not given")  # noqa: S104
    arguments = parser.parse_args()
    try:
        if arguments.command == "serve":
            _serve(get_settings(), arguments)
            return 0
        configure_logging(as_json=False, level="WARNING")
        answer = asyncio.run(COMMANDS[arguments.command](get_settings(), arguments))
    except AppError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    sys.stdout.write(f"{answer}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
