"""Numbers and nothing else: the standard library only, and no word of the domain."""
