from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401

        # Permissions are made after the migrations, app by app: all are there when the last app's turn comes.
        last = [config for config in apps.get_app_configs() if config.models_module][-1]
        post_migrate.connect(_grant_moderators, sender=last, dispatch_uid="accounts.moderators")


def _grant_moderators(**_: Any) -> None:
    from accounts import services

    services.grant_moderators()
