"""Quiet hours: at night, on the recipient's clock, messages wait."""
