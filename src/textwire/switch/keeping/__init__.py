"""Keeping: how long texts and messages stay, and what goes when somebody wants nothing to be kept."""
