"""Accounts for trying Potato out, with passwords that everybody may know."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services
from potato import confirmation


class Command(BaseCommand):
    help = "Make a demo account for each role and print how to sign in. Again is harmless. Needs DEBUG on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-input", dest="interactive", action="store_false", help="do not ask")

    def handle(self, *args: Any, interactive: bool, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "DEBUG is off: accounts with known passwords do not belong into a real installation. "
                "Use createsuperuser for your own."
            )
        if interactive:
            database = settings.DATABASES["default"]["NAME"]
            confirmation.agree(
                f"Accounts with passwords that everybody may know go into the database {database}, staff too. Go on?"
            )
        for email, password, role in services.make_demo_users():
            self.stdout.write(f"{email:<26} {password:<24} {role}")
