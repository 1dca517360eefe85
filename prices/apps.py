from django.apps import AppConfig


class PricesConfig(AppConfig):
    name = "prices"

    def ready(self) -> None:
        from prices import context, receivers  # noqa: F401
