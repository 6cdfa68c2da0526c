"""Pages of the ground floor: approvals, own entries, imports, and the start of those who do not bill."""
