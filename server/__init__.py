"""Everything around a conversation: people, appointments, rooms, cases, the HTTP API, jobs, and the composition root."""
