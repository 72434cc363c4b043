"""What the own API says of itself: its OpenAPI document, pages to read, and the list of its codes."""
