"""`./run bench NAME`: measurements, kept apart from tests. Each is a file in tests/bench/ with `main(arguments)`."""

import importlib
import sys
from pathlib import Path

FOLDER = Path("tests/bench")


def names() -> list[str]:
    """What can be measured."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if "def main(" in path.read_text())


def main() -> int:
    """List the benches, or run the one that is named with the arguments that follow."""
    if len(sys.argv) < 2 or sys.argv[1] not in names():
        print("./run bench NAME, where NAME is one of:")
        for name in names():
            first_line = (FOLDER / f"{name}.py").read_text().split("\n", 1)[0].strip('"')
            print(f"  {name:24} {first_line}")
        return 0 if len(sys.argv) < 2 else 2
    return int(importlib.import_module(f"tests.bench.{sys.argv[1]}").main(sys.argv[2:]) or 0)


if __name__ == "__main__":
    sys.exit(main())
