"""Tables of the pages of accounting."""
