from django.contrib.admin.apps import AdminConfig


class HardenedAdmin(AdminConfig):
    default_site = "potato.admin.Site"
