"""Messages over the own API: lists and stories, batches, previews of texts, conversations."""
