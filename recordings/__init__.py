"""What is recorded of a call, from the packet to the file that people play and the draft of its summary.

On the node, while it happens: `recorder` (a tap) · `track_spool` `spool_thread` (queue and thread) · `part_writer` (the
disk) · `hand_over` (to the file store).
In the worker, afterwards: `pipeline` (the steps) · `material` (parts in, packets out) · `picture_track` `sound_track`
`compose` (the playable file) · `verify`.
Pure: `spool` (format of the live file) · `rtp` `depacketise` · `survey` `clock` (one wall clock) · `facts` `history`
`timeline` (what is there, what is missing and why) · `layout` · `summarise` · `model` `intervals` `errors`.
Encryption: `vault` (keys, header, segments) · `sealed` (finished files). Made-up media: `synthetic` `packetise`
`sample_guest` `picture`.
"""
