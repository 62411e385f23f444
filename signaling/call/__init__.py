"""The call as a pure state machine: no I/O; time, randomness and ids are arguments.

`call` and `deciding` decide · `spec` what it is opened with · `inputs` what may happen · `facts` what is kept ·
`effects` what is to be done. State: `seating` `consent` `recording` `talk` `conduct` (durable), `connections` `owed`
(not). Decisions: `entering` `hosting` `talking` `conducting` `recorded` `negotiating`. Seen from outside: `sections`
`views`.
"""
