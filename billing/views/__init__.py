"""Pages of billing, each a declaration."""
