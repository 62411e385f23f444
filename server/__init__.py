"""Everything around a conversation: people, appointments, rooms, cases, the API, jobs, and the composition root."""
