"""Pages on which a vendor's own script is tried against this server (docs/howto/kandy.md)."""
