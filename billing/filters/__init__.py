"""By what the lists of billing can be narrowed."""
