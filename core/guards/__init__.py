"""What the database refuses about the activity log: a row of it is never changed (J1)."""

from core.guarding import Guard, append_only
from core.models import Activity


def guards(vendor: str) -> list[Guard]:
    """The guards of this app on one engine."""
    return list(append_only(vendor, Activity, "write another activity"))
