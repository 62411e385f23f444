"""The locks: `requirements*.txt` from pyproject.toml, hashed, for every Python we support, naming no registry."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LOCKS = {
    "requirements.txt": ["pyproject.toml"],
    "requirements-dev.txt": ["pyproject.toml", "--group", "test", "--group", "fuzz", "--group", "lint"],
    "requirements-bench.txt": ["--group", "bench", "-c", "requirements-dev.txt"],
    "requirements-node.txt": ["--group", "node"],
}
OPTIONS = [
    "-q",
    "--system-certs",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
]


def compile_to(path: Path, sources: list[str]) -> None:
    """Compile one lock; what the file already pins stays pinned while pyproject.toml allows it."""
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "compile", *OPTIONS, "--no-emit-index-url", *sources, "-o", str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def outdated() -> list[str]:
    """The locks that pyproject.toml no longer agrees with."""
    with tempfile.TemporaryDirectory() as folder:
        return [name for name, sources in LOCKS.items() if _differs(Path(name), sources, Path(folder))]


def _differs(lock: Path, sources: list[str], folder: Path) -> bool:
    copy = Path(shutil.copy(lock, folder))
    compile_to(copy, sources)
    return copy.read_text() != lock.read_text()


def main() -> int:
    """`--write` compiles every lock again; without it, say which are outdated."""
    if "--write" in sys.argv:
        for name, sources in LOCKS.items():
            compile_to(Path(name), sources)
        subprocess.run(["npm", "--prefix", "web", "install", "--package-lock-only"], check=True)
        return 0
    late = outdated()
    for name in late:
        print(f"{name} does not match pyproject.toml: ./run lock")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
