"""The Messages API, of whose channels there is SMS."""
