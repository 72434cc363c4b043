"""Textwire: an SMS platform with a simulated phone network inside."""

__version__ = "0.1.0"
