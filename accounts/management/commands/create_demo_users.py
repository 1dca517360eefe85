"""Accounts for trying Potato out, with passwords that everybody may know."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import services


class Command(BaseCommand):
    help = "Make a demo account for each role and print how to sign in. Again is harmless. Needs DEBUG on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "DEBUG is off: accounts with known passwords do not belong into a real installation. "
                "Use createsuperuser for your own."
            )
        for email, password, role in services.make_demo_users():
            self.stdout.write(f"{email:<26} {password:<24} {role}")
