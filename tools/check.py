"""`./run check`: everything that can be wrong without running the product."""

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
PACKAGES = ["server", "signaling", "recordings"]

CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("format", [f"{BIN}/ruff", "format", "--check", "-q", "."]),
    ("lint", [f"{BIN}/ruff", "check", "-q", "."]),
    ("types", [f"{BIN}/mypy"]),
    ("imports", [f"{BIN}/lint-imports"]),
    ("dead code", [f"{BIN}/vulture", *PACKAGES, "--min-confidence", "80", "--ignore-names", "trace"]),
    ("dependencies", [f"{BIN}/deptry", *PACKAGES]),
    ("locks", [sys.executable, "-m", "tools.locks"]),
    ("generated files", [sys.executable, "-m", "tools.generate", "--check"]),
    ("front-end lint", ["npm", "--prefix", "web", "run", "-s", "lint"]),
    ("front-end types", ["npm", "--prefix", "web", "run", "-s", "types"]),
)


def main() -> int:
    """Run every check, also after one that failed."""
    failed = []
    for title, command in CHECKS:
        print(f"· {title}", flush=True)
        if subprocess.run(command, check=False).returncode != 0:
            failed.append(title)
    print("all checks passed" if not failed else f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
