"""What an installation without the developers' packages has to do with: the image is made so."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata

from tests.support.servers import BIN, ROOT

OURS = ("agents", "bizosaas_app", "models", "pages", "state")
IMPORT_ALL = """
import importlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"{name} is a developers' package", name=name)

ABSENT = set(sys.argv[1].split(","))
sys.meta_path.insert(0, Absent())
for name in sys.argv[2].split(","):
    importlib.import_module(name)
"""


def names_in_the_lock_file(*words: str) -> set[str]:
    command = [
        BIN / "uv",
        "export",
        "--frozen",
        "--offline",
        "--no-hashes",
        "--no-emit-project",
        "--no-annotate",
        *words,
    ]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {found[1] for line in listed.splitlines() if (found := re.match(r"([a-z0-9][\w.-]*)==", line))}


def modules_of_developers() -> set[str]:
    """Give the names to import that are there only because a developer's package brings them."""
    packages = names_in_the_lock_file() - names_in_the_lock_file("--no-dev")
    assert {"pytest", "playwright"} <= packages
    normal = re.compile(r"[-_.]+")
    owners = metadata.packages_distributions()
    return {module for module, names in owners.items() if {normal.sub("-", name).lower() for name in names} <= packages}


def our_files() -> Iterator[tuple[str, ast.Module]]:
    for folder in OURS:
        for path in (ROOT / folder).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, ast.parse(path.read_text())


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_no_file_names_a_package_of_developers() -> None:
    absent = modules_of_developers()
    assert {name: found for name, tree in our_files() if (found := absent & set(imported(tree)))} == {}


def test_every_module_can_be_imported_without_the_packages_of_developers() -> None:
    modules = sorted(name for name, _ in our_files() if not name.endswith("__main__"))
    command = [sys.executable, "-c", IMPORT_ALL, ",".join(sorted(modules_of_developers())), ",".join(modules)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
