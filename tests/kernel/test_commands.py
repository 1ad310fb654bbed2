"""The commands beside the server, each in a process of its own on a data folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bizosaas_app.kernel import embedded
from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from tests.support.servers import Server, free_port

ROOT = Path(__file__).resolve().parents[2]

BOARD = (
    "SELECT t.slug, b.key, e.period, e.user_id, e.score FROM leaderboard_entries e"
    " JOIN leaderboards b USING (tenant_id) JOIN tenants t ON t.id = e.tenant_id"
    " WHERE b.id = e.leaderboard_id ORDER BY 1, 2, 3, 4"
)

OPERATORS = (
    "SELECT t.slug, t.kind, u.email, u.name, m.role_key FROM users u JOIN tenants t ON t.id = u.tenant_id"
    " JOIN memberships m ON m.user_id = u.id ORDER BY u.email"
)
PRODUCTION = {
    "BIZOSAAS_ENV": "production",
    "BIZOSAAS_PUBLIC_URL": "https://app.example.com",
    "DATABASE_URL": "postgresql://app@127.0.0.1:1/x",
    "REDIS_URL": "redis://127.0.0.1:1",
}


class Commands:
    """`make <command>` without make."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    def run(self, *words: str, exit_code: int = 0, given: str = "", **environment: str) -> str:
        """Run a command and give what it said, on standard output or, if it failed, on standard error."""
        done = subprocess.run(
            [sys.executable, "-m", "bizosaas_app", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == exit_code, (done.stdout, done.stderr)
        return done.stderr if exit_code else done.stdout

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with cluster.connect_superuser(PostgresPaths.under(self.data), "bizosaas") as connection:
            return connection.execute(query.encode()).fetchall()

    def change(self, statement: str) -> None:
        with cluster.connect_superuser(PostgresPaths.under(self.data), "bizosaas") as connection:
            connection.execute(statement.encode())


def test_migrate_seed_backup_restore_and_rebuild_do_what_they_say(tmp_path: Path) -> None:
    commands = Commands(tmp_path)
    engines = embedded.acquire(commands.data, grace_seconds=1)  # so that not every command starts its own
    try:
        assert "The database is at" in commands.run("migrate")
        assert commands.rows("SELECT count(*) FROM tenants") == [(0,)]
        ((begun,),) = commands.rows("SELECT now()")  # the demo goes on by the day: what came due since is no repetition
        told = f"SELECT count(*) FROM gamification_events WHERE occurred_at <= '{begun}'"  # noqa: S608
        commands.run("seed")
        seeded = commands.rows("SELECT slug, kind FROM tenants ORDER BY slug")
        assert [slug for slug, kind in seeded if kind == "customer"] == ["acme-corp", "globex", "initech"]
        events = commands.rows(told)
        commands.run("seed")
        assert commands.rows(told) == events  # the second time changes nothing
        boards = commands.rows(BOARD)
        assert boards

        written = commands.run("backup").split()[-1]
        dump = tmp_path / written
        assert dump.stat().st_mode & 0o777 == 0o600
        commands.change("DELETE FROM gamification_events")
        commands.change("UPDATE leaderboard_entries SET score = score + 1")
        commands.change("CREATE TABLE afterwards (id int)")
        broken = tmp_path / "broken.dump"
        broken.write_bytes(dump.read_bytes()[:-1000])
        assert "failed" in commands.run("restore", str(broken), exit_code=1)
        assert commands.rows("SELECT count(*) FROM gamification_events") == [(0,)]  # nothing was half restored
        commands.run("restore", str(dump))
        assert commands.rows(told) == events
        assert commands.rows(BOARD) == boards
        assert commands.rows("SELECT to_regclass('afterwards')") == [(None,)]
        assert "Verified" in commands.run("verify-backup", str(dump))

        commands.change("UPDATE leaderboard_entries SET score = score + 1")
        assert "rebuilt" in commands.run("rebuild")
        assert commands.rows(BOARD) == boards
    finally:
        engines.release()


def test_a_dump_is_written_and_proved_while_vault_is_away_and_says_what_it_does_not_know(tmp_path: Path) -> None:
    commands, away = Commands(tmp_path), {"VAULT_ADDR": f"http://127.0.0.1:{free_port()}", "VAULT_TOKEN": "x"}
    engines = embedded.acquire(commands.data, grace_seconds=1)
    try:
        commands.run("migrate")
        known = commands.run("backup")
        assert "WARNING" not in known
        unknown = commands.run("backup", **away)
        assert unknown.startswith("WARNING: this dump does not name the secrets that it needs: ")
    finally:
        engines.release()
    for environment, dump, told in (
        ({}, known, ""),
        (away, known, "WARNING: whether the secrets that this database needs are here was not looked at: "),
        ({}, unknown, "WARNING: the store of secrets was away when this dump was made"),
    ):
        said = commands.run("verify-backup", dump.split()[-1], **environment)
        assert said.startswith("Verified: ")
        assert told in said
        assert bool(told) == ("WARNING" in said)


def test_the_first_operator_is_made_by_a_command_and_signs_in(tmp_path: Path) -> None:
    commands = Commands(tmp_path)
    engines = embedded.acquire(commands.data, grace_seconds=1)
    who, secret = ("create-operator", "Rosa@Agency.example"), "a long sentence that nobody guesses\n"
    try:
        commands.run("migrate")
        assert "Use at least" in commands.run(*who, given="short\n", exit_code=1)
        assert "email: " in commands.run("create-operator", "rosa", given=secret, exit_code=1)
        assert commands.rows("SELECT * FROM tenants") == []
        assert "rosa@agency.example runs the platform" in commands.run(*who, "--name", "Rosa", given=secret)
        assert "belongs to another account" in commands.run(*who, given=secret, exit_code=1)
        commands.run("create-operator", "second@agency.example", given=secret)
        assert commands.rows(OPERATORS) == [
            ("bizosaas", "operator", "rosa@agency.example", "Rosa", "super_admin"),
            ("bizosaas", "operator", "second@agency.example", "Platform administrator", "super_admin"),
        ]
        server = Server(commands.data, BIZOSAAS_DEMO="0").start()
        try:
            given = {"email": "rosa@agency.example", "password": secret.strip()}
            answer = httpx.post(f"{server.url}/api/v1/auth/login", json=given, timeout=30)
            assert (answer.status_code, answer.json()["user"]["role"]) == (200, "super_admin")
        finally:
            server.stop()
    finally:
        engines.release()


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        (("seed",), PRODUCTION, "Demo data is refused in production"),
        (("restore", "nowhere.dump"), {}, "There is no file nowhere.dump"),
        (("restore", "nowhere.dump", "--unchecked"), {}, "There is no file nowhere.dump"),
        (("verify-backup", "nowhere.dump"), {}, "There is no file nowhere.dump"),
        (("backup",), {"DATABASE_URL": "postgresql://app@127.0.0.1:1/x"}, "BIZOSAAS_BACKUP_URL"),
        (
            ("migrate",),
            {"DATABASE_URL": "postgresql://app@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1"},
            "DATABASE_ADMIN_URL",
        ),
    ],
)
def test_a_command_that_cannot_be_done_says_why_in_one_line(
    tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], told: str
) -> None:
    said = Commands(tmp_path).run(*words, exit_code=1, **environment)
    assert told in said
    assert "Traceback" not in said


def test_put_key_keeps_a_providers_key_among_the_secrets(tmp_path: Path) -> None:
    commands = Commands(tmp_path)
    assert "standard input" in commands.run("put-key", "openai", given="\n", exit_code=1)
    assert "openai" in commands.run("put-key", "openai", given="sk-trial\n")
    kept = tmp_path / "data" / "secrets" / "secrets.json"
    assert json.loads(kept.read_text()) == {"llm/openai": "sk-trial"}
    assert kept.stat().st_mode & 0o077 == 0
