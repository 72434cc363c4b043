"""Webhooks of the own API: the hooks themselves, and what became of each delivery."""
