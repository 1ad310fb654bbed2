"""Runs the benchmarks one after the other, each in a process of its own: `python -m bench [name ...]`."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

BENCHMARKS: Final = (
    "tokens",
    "sessions",
    "pipeline",
    "api_load",
    "reads",
    "live_viewers",
    "pages_live",
    "leaderboard_million",
    "board_rebuild",
    "ingest",
    "achievement_path",
    "sourcing_import",
    "draft_saves",
    "login_timing",
    "fraud_scoring",
    "fraud_report",
    "observing",
    "schema",
    "agents",
    "agents_runtime",
    "bundle",
    "lighthouse",
)
"""Some twenty minutes in all on two cores. Each prints its table and writes `bench/results/<name>.json`."""


def main() -> int:
    """Run all, or those named; give the number that failed."""
    chosen = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in chosen if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    failed = [
        name for name in chosen if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
    ]
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
