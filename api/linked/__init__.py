"""Linked data: everything the library knows, by its address, in lists, and whole."""
