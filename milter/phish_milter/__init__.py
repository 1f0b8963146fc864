"""Judge mail that pretends to come from a software registry, and say why."""

__version__ = "0.1.0"
