"""What breaks the books, table by table; each proof is a question that names offenders (X6)."""
