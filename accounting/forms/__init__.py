"""The forms of accounting."""
