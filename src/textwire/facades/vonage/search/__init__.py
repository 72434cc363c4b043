"""Looking up what was sent, received and refused: the vendor's Message Search and its Reports API."""
