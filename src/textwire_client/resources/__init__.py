"""The calls, one module per subject, each described once for both clients."""
