"""What the pages of billing ask for; nothing here decides."""
