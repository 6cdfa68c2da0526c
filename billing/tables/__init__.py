"""What the lists of billing show, and how a row says itself."""
