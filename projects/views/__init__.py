"""Pages of projects: approvals, own entries, imports, and the start of those who do not bill."""
