"""Tables of the ground floor's pages."""
