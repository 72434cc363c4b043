"""Vonage's SMS API: what the vendor's unmodified SDKs and nodes need (docs/compliance/vonage.md)."""
