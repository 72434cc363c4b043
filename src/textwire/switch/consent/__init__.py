"""Consent: what people say about being texted, what is heard in it and kept of it."""
