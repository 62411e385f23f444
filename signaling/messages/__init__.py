"""The wire protocol between a browser and the call, as types and one table; PROTOCOL.md says it in words.

`shapes` the shared words · `requests` client → server · `pushes` server → client · `table` who, when, how large ·
`typescript` the same for the front end.
"""
