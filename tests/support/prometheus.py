"""A Prometheus with the deployment's own configuration, on loopback, before servers of a test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.support.daemons import Daemon
from tests.support.servers import ROOT, free_port

DEPLOYED = ROOT / "deploy" / "prometheus"
STRANGER = "somebody"
"""A job of these tests, which asks with another token."""


def configure(folder: Path, token: str, **targets: str) -> Path:
    """Write the deployment's configuration with these targets by job, read every two seconds; gives the file.

    The file of the token stands in the folder. With a target for `STRANGER` there is a job more.
    """
    document: dict[str, Any] = yaml.safe_load((DEPLOYED / "prometheus.yml").read_text())
    document["global"].update(scrape_interval="2s", scrape_timeout="2s", evaluation_interval="2s")
    document["rule_files"] = [str(DEPLOYED / name) for name in document["rule_files"]]
    (folder / "token").write_text(token)
    for job in document["scrape_configs"]:
        if "authorization" in job:
            job["authorization"]["credentials_file"] = str(folder / "token")
        if job["job_name"] in targets:
            job["static_configs"] = [{"targets": [targets[job["job_name"]]]}]
    if STRANGER in targets:
        stranger = {"job_name": STRANGER, "static_configs": [{"targets": [targets[STRANGER]]}]}
        document["scrape_configs"].append({**stranger, "authorization": {"credentials": "u" * 32}})
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(document))
    return file


class Prometheus(Daemon):
    """One Prometheus with a store of its own."""

    def __init__(self, program: str, folder: Path, configuration: Path) -> None:
        super().__init__("Prometheus", folder / "prometheus.log")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._command = [
            program,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={folder / 'store'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]

    def start(self) -> Prometheus:
        """Start it and wait until it is ready."""
        self.run(self._command)
        return self

    def ask(self, path: str, **values: str) -> Any:
        """Give the data of an answer of the API, or raise what it says is wrong; warnings are wrong too."""
        answer = httpx.post if path.startswith("query") else httpx.get
        document = answer(f"{self.url}/api/v1/{path}", params=values, timeout=30).json()
        if document["status"] != "success" or document.get("warnings"):
            raise ValueError(f"{values}: {document.get('error') or document.get('warnings')}")
        return document["data"]

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def asked_from_elsewhere(url: str) -> Iterator[str]:
    """Pass requests on as a proxy does for somebody of another machine; gives `host:port`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            answer = httpx.get(url + self.path, headers={**headers, "X-Forwarded-For": "192.0.2.7"}, timeout=30)
            with suppress(ConnectionError):  # whoever asked may have lost patience
                self.send_response(answer.status_code)
                self.send_header("content-type", answer.headers["content-type"])
                self.send_header("content-length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
