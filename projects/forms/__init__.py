"""Forms of the ground floor's pages; they read what was typed and decide nothing."""
