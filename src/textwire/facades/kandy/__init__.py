"""Kandy CPaaS, for SMS: what the vendor's unmodified SDKs need (docs/compliance/kandy.md)."""
