"""The secrets file: who may read it, what happens when it is damaged, and many processes at once."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from pathlib import Path

import pytest

from bizosaas_app.kernel.secrets import FileSecrets, SecretsUnavailable, SecretsUnsafe, open_secrets, owner_only
from bizosaas_app.kernel.settings import Settings

VALUE = "the-value-itself"


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    await FileSecrets(folder).put("db/context", VALUE)
    return folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_everything_is_made_for_the_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await FileSecrets(tmp_path / "data" / "secrets").put("db/context", VALUE)
    finally:
        os.umask(before)
    folder = tmp_path / "data" / "secrets"
    assert mode(folder) == 0o700
    assert {mode(folder / name) for name in files(folder)} == {0o600}


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o666])
async def test_a_file_open_to_others_is_refused_with_its_repair(folder: Path, bits: int) -> None:
    file = folder / "secrets.json"
    file.chmod(bits)
    store = FileSecrets(folder)
    with pytest.raises(SecretsUnsafe, match=rf"chmod 600 '{file}'"):
        await store.get("db/context")
    with pytest.raises(SecretsUnsafe):
        await store.put("db/context", "other")
    assert store.health().status == "degraded"
    file.chmod(0o600)
    assert await store.get("db/context") == VALUE
    assert store.health().status == "ok"


async def test_a_folder_open_to_others_is_refused_with_its_repair(folder: Path) -> None:
    await asyncio.to_thread(folder.chmod, 0o755)
    with pytest.raises(SecretsUnsafe, match=rf"chmod 700 '{folder}'"):
        await FileSecrets(folder).get("db/context")


async def test_a_file_of_somebody_else_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: stranger)
    with pytest.raises(SecretsUnsafe, match=f"chown {stranger}"):
        await FileSecrets(folder).get("db/context")


async def test_a_link_instead_of_the_file_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "secrets.json").rename(tmp_path / "elsewhere.json")
    (folder / "secrets.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(SecretsUnsafe, match="is a link"):
        await FileSecrets(folder).get("db/context")


async def test_a_pipe_instead_of_the_file_is_refused(folder: Path) -> None:
    (folder / "secrets.json").unlink()
    os.mkfifo(folder / "secrets.json", 0o600)
    with pytest.raises(SecretsUnsafe, match="not a plain file"):
        await FileSecrets(folder).get("db/context")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"db/context": 1}', '{"db/context": "the-val'])
async def test_a_damaged_file_is_refused_and_never_overwritten(folder: Path, text: str) -> None:
    (folder / "secrets.json").write_text(text)
    with pytest.raises(SecretsUnsafe, match="damaged") as raised:
        await FileSecrets(folder).put("db/context", "other")
    assert (folder / "secrets.json").read_text() == text
    assert raised.value.__cause__ is None
    assert "the-val" not in str(raised.value)


async def test_a_crashed_writers_half_file_is_swept_away(folder: Path) -> None:
    (folder / "secrets.json.tmp").write_text("{")
    store = FileSecrets(folder)
    assert await store.get("db/context") == VALUE
    assert await store.put("db/context", "two") is True
    assert files(folder) == ["lock", "secrets.json"]


async def test_a_write_that_fails_leaves_the_old_file_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    store = FileSecrets(folder)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(SecretsUnavailable, match="No space left"):
            await store.put("db/context", "two")
    assert await store.get("db/context") == VALUE
    assert files(folder) == ["lock", "secrets.json"]


async def test_a_writer_waits_for_the_lock_of_another(folder: Path) -> None:
    with owner_only.locked(folder / "lock"):
        writing = asyncio.create_task(FileSecrets(folder).put("db/context", "two"))
        await asyncio.wait([writing], timeout=0.3)
        assert not writing.done()
        assert await FileSecrets(folder).get("db/context") == VALUE
    assert await writing is True


async def test_processes_that_start_at_once_make_one_key(tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib\n"
        "from bizosaas_app.kernel.secrets import FileSecrets, SigningKeys\n"
        f"ring = SigningKeys(FileSecrets(pathlib.Path({str(tmp_path / 'secrets')!r})), access_ttl_seconds=60)\n"
        "asyncio.run(ring.load())\n"
        "print(ring.sign_key().kid)\n"
    )
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
        for _ in range(4)
    ]
    outputs = [(await process.communicate())[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert len(set(outputs)) == 1


async def test_without_a_vault_the_file_in_the_data_folder_is_used(tmp_path: Path) -> None:
    store = await open_secrets(Settings(data_dir=tmp_path))
    await store.put("db/context", VALUE)
    assert VALUE in (tmp_path / "secrets" / "secrets.json").read_text()
