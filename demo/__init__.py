"""A believable small company, built through the same verbs that people use."""
