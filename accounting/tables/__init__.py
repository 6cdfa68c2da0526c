"""Tables of the top floor's pages."""
