"""Running one call: its inputs in, its facts to the journal, its effects to connections, engine and recorder.

`runner` the order of things · `lane` one seat's engine requests in order · `media` the engine's side · `recording`
the recorder's side · `ports` what a runner is given.
"""
