"""Commands beside the server: migrate, seed, rebuild, work, rotate-keys, put-key, backup, restore."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from getpass import getpass
from pathlib import Path
from typing import Any, Final

from agents import runtime
from bizosaas_app.gateway import job_runner, live, relay
from bizosaas_app.kernel import backups, counting, resources, tracing
from bizosaas_app.kernel.errors import AppError, InputInvalid
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.secrets import open_secrets
from bizosaas_app.kernel.settings import Settings, get_settings
from bizosaas_app.services import demo
from bizosaas_app.services.gamification import rebuild


async def _migrate(settings: Settings, _: argparse.Namespace) -> str:
    head = await resources.migrate_only(settings)
    return f"The database is at {head}."


async def _seed(settings: Settings, _: argparse.Namespace) -> str:
    async with resources.start(settings), relay.running(), live.running():
        await demo.ensure()
    return "The demo data is there."


async def _rebuild(settings: Settings, _: argparse.Namespace) -> str:
    async with resources.start(settings), relay.running(), live.running():
        boards = await rebuild.every_tenant()
    return f"{boards} boards were rebuilt from the ledger."


async def _work(settings: Settings, _: argparse.Namespace) -> str:
    with tracing.running(settings):
        return await _work_on(settings)


async def _work_on(settings: Settings) -> str:
    async with resources.start(settings), relay.running(), live.running():
        with counting.served(settings.work_metrics), runtime.serving(settings, resources.resources().secrets):
            async with job_runner.running():
                await asyncio.Event().wait()
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


async def _backup(settings: Settings, _: argparse.Namespace) -> str:
    return f"Written: {await asyncio.to_thread(backups.dump, settings)}"


async def _restore(settings: Settings, arguments: argparse.Namespace) -> str:
    await asyncio.to_thread(backups.restore, settings, Path(arguments.file))
    rebuilt = await _rebuild(settings, arguments)
    return f"Restored. {rebuilt}"


COMMANDS: Final[dict[str, Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, str]]]] = {
    "migrate": _migrate,
    "seed": _seed,
    "rebuild": _rebuild,
    "drift": _drift,
    "work": _work,
    "rotate-keys": _rotate_keys,
    "put-key": _put_key,
    "backup": _backup,
    "restore": _restore,
}


def main() -> int:
    """Run one command; its answer goes to standard output, an error to standard error with exit code 1."""
    parser = argparse.ArgumentParser(prog="bizosaas", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        sub = commands.add_parser(name)
        if name == "restore":
            sub.add_argument("file", help="a dump made by `make backup`")
        if name == "put-key":
            sub.add_argument("provider", help="whose key comes on standard input: openai, anthropic, gemini ...")
    arguments = parser.parse_args()
    configure_logging(as_json=False, level="WARNING")
    try:
        answer = asyncio.run(COMMANDS[arguments.command](get_settings(), arguments))
    except AppError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    sys.stdout.write(f"{answer}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
