"""What was said: the threads and messages of a user's numbers, and their end."""
