from django.apps import AppConfig


class PricesConfig(AppConfig):
    name = "prices"

    def ready(self) -> None:
        from prices import context, receivers, shop_list  # noqa: F401
        from shops import selectors

        selectors.fall_back_on(shop_list)
