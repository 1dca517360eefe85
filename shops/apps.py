from django.apps import AppConfig


class ShopsConfig(AppConfig):
    name = "shops"

    def ready(self) -> None:
        from accounts import following
        from shops.models import Favourite

        following.register("shop", Favourite)
