"""Which layer of which picture a viewer's line carries: decided from signs and time alone, whatever the engine."""
