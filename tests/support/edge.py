"""The edge of `deploy/envoy` as it is deployed, on loopback ports, in front of servers of a test."""

from __future__ import annotations

import datetime
import importlib.util
import ssl
from pathlib import Path
from typing import Any

import envoy
import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.daemons import Daemon
from tests.support.servers import ROOT, free_port

BINARY = Path(envoy.__file__).parent / "_bin" / "envoy"


class Edge(Daemon):
    """One Envoy with a certificate of its own for `localhost`."""

    def __init__(self, folder: Path) -> None:
        super().__init__("the edge", folder / "envoy.log")
        self.port, self.http_port, self._admin_port = free_port(), free_port(), free_port()
        self.url = f"https://localhost:{self.port}"
        self._folder = folder
        make_certificate(folder)

    def tls(self) -> ssl.SSLContext:
        """Give a context that believes this edge's certificate, and no other."""
        return ssl.create_default_context(cafile=str(self._folder / "fullchain.pem"))

    def start(self, *ports: int, **others: str) -> Edge:
        """Start it before servers on one or two ports, and wait until it is ready and has found one of them.

        `others` are further values of `render.py`, in place of the deployment's.
        """
        values = {
            "BIND": "127.0.0.1",
            "HTTP_PORT": str(self.http_port),
            "HTTPS_PORT": str(self.port),
            "ADMIN_PORT": str(self._admin_port),
            "TLS_DIR": str(self._folder),
            "APP_1": "127.0.0.1",
            "APP_1_PORT": str(ports[0]),
            "APP_2": "127.0.0.1",
            "APP_2_PORT": str(ports[-1]),
            **others,
        }
        config = self._folder / "envoy.yaml"
        config.write_text(renderer().render(self.url, values))
        command = [BINARY, "-c", config, "--log-level", "warning", "--concurrency", "1", "--use-dynamic-base-id"]
        self.run([*command, "--drain-time-s", "2"])
        return self

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/live", verify=self.tls(), timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


def renderer() -> Any:
    """Give `deploy/envoy/render.py` as a module; `deploy` is no package."""
    spec = importlib.util.spec_from_file_location("edge_render", ROOT / "deploy" / "envoy" / "render.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_certificate(folder: Path) -> None:
    """Write a certificate for `localhost`, with its key, that is good for a day."""
    folder.mkdir(exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
