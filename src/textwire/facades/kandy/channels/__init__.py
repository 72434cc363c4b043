"""Notification channels: webhooks, and sockets that clients open."""
