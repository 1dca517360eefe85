from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"

    def ready(self) -> None:
        from alerts import selectors
        from potato.stores import member_documents

        member_documents.unread_from(selectors.unread)
