#!/usr/bin/env python
"""Django's own command line; `python3 dev.py manage ...` calls it with the locked environment."""

import os
import sys


def main() -> None:
    """Run one management command; a setting that cannot be used is said in one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
