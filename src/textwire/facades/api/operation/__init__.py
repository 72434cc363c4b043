"""/healthz, /readyz, /metrics: for whoever runs the server."""
