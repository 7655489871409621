"""The contract against the server at length: thousands of requests made from it, valid and not, and every answer held to it.

Run it from a checkout with the project installed: `python benchmarks/contract.py [--examples N] [--seed N]`. A server is
started in a process of its own, on this machine alone. The command ends with 1 if anything was found.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.doors import serving  # noqa: E402  the checkout has to be found first

LEFT_OUT: Final = "positive_data_acceptance"
"""Whether a text is a case, a proof or a query, no schema can say: what has the declared shape may still be refused."""


def main() -> int:
    """Run schemathesis in all its phases; what it found, and how many requests it made, is printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=150, help="requests in each phase for each operation")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.contract_hooks"}
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "data") as server:
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{server.origin}/openapi.json"),
                *("--exclude-checks", LEFT_OUT, "--max-examples", str(asked.examples), "--seed", str(asked.seed)),
                *("--continue-on-failure", "--generation-database", "none", "--request-timeout", "120"),
            ],
            check=False,
            cwd=folder,
            env=surroundings,
        )
        failed = [line for line in server.log if '"failed"' in line or re.search(r'"status": 500', line)]
        print(f"{len(failed)} failures in the log of the server")
    return 1 if ran.returncode or failed else 0


if __name__ == "__main__":
    sys.exit(main())
