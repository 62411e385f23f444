"""The composition root: the only place that knows concrete classes. One file for each process, and for the commands."""
