"""sipgate's REST API v2, for SMS: what the vendor's unmodified clients need (docs/compliance/sipgate.md)."""
