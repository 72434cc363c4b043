"""The calls about consent: opt-outs, keywords, quiet hours, keeping, and what is held about a number."""
