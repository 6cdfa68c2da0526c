"""Tables of the pages of projects."""
