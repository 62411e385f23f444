"""`python -m server`: the `ieum` command."""

from server.cli import main

main()
