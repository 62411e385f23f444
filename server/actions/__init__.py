"""What people do, one file per verb: load, ask the domain, save, tell."""
