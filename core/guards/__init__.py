"""What the database refuses about the activity log: neither it nor its chain is ever changed (J1, S5)."""

from core.guarding import Guard, append_only
from core.models import Activity, ActivityBlock


def guards(vendor: str) -> list[Guard]:
    """The guards of this app on one engine."""
    return [
        *append_only(vendor, Activity, "write another activity"),
        *append_only(vendor, ActivityBlock, "close further rows with another block"),
    ]
