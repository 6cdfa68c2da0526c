"""What a person should never read: dates as machines write them, and names of columns and constraints."""

import re

MACHINE_DATE = re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d\b")
# A name with underscores stands for no word; placeholders that were never filled look the same.
MACHINE_WORDS = re.compile(MACHINE_DATE.pattern + r"|\b[a-z]+(?:_[a-z]+)+\b|%\(\w+\)s")


def machine_words_of(sentence: str) -> list[str]:
    """What of a sentence is not for people; what it quotes of a file is left as it was written."""
    own = re.sub("“[^”]*”|‘[^’]*’|„[^“]*“", "", sentence)
    return [match[0] for match in MACHINE_WORDS.finditer(own)]
