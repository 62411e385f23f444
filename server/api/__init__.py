"""The HTTP door: routes, validation, errors, one file per resource."""
