"""Media engines behind one port: see `port.py` for what an engine is."""
