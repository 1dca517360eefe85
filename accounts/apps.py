from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        post_migrate.connect(_grant_moderators, sender=apps.get_app_config("alerts"))


def _grant_moderators(**_: Any) -> None:
    """Permissions are made after the migrations, app by app: ours are all there when the last app's turn comes."""
    from accounts import services

    services.grant_moderators()
