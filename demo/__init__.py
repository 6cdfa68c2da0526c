"""A believable small company, told through the same verbs that people use."""
