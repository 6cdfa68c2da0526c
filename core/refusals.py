"""How an action is refused: all reasons at once, each with the way out, and nothing changed."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Refusal:
    """One reason: a code (noun phrase), a sentence, what it is about, and what to do about it."""

    code: str
    message: Text
    subject: str = ""
    way_out: Text = ""

    def __str__(self) -> str:
        sentence = f"{self.subject}: {self.message}" if self.subject else str(self.message)
        return f"{sentence} {self.way_out}" if self.way_out else sentence


class Refused(Exception):
    """A verb refuses its whole set; `refusals` holds every reason that was found."""

    def __init__(self, refusals: Iterable[Refusal]):
        self.refusals = tuple(refusals)
        super().__init__("; ".join(str(refusal) for refusal in self.refusals))

    @property
    def codes(self) -> tuple[str, ...]:
        """The reasons' codes in the order they were found."""
        return tuple(refusal.code for refusal in self.refusals)


def refuse_if(refusals: Iterable[Refusal]) -> None:
    """Raise Refused when there is any reason; the line between the ladder and the act of every verb."""
    reasons = tuple(refusals)
    if reasons:
        raise Refused(reasons)
