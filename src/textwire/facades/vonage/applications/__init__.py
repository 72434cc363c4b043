"""The vendor's Applications API, version 2: programs with a key of their own."""
