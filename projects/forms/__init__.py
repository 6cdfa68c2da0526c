"""Forms of the pages of projects; they read what was typed and decide nothing."""
