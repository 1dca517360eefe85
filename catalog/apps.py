from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from accounts import following
        from catalog.models import Favourite

        following.register("item", Favourite)
