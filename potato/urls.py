"""Every address of Potato. English has no prefix, Burmese lies under /my/."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, SolarSchedule

from potato import health
from potato.pwa import service_worker

handler400 = "potato.web.errors_pages.bad_request"
handler403 = "potato.web.errors_pages.forbidden"
handler404 = "potato.web.errors_pages.not_found"
handler500 = "potato.web.errors_pages.server_error"

# When what is done is written in potato/schedule.py, which puts back what is changed elsewhere: staff only switch tasks off.
admin.site.unregister([ClockedSchedule, CrontabSchedule, IntervalSchedule, SolarSchedule])

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("sw.js", service_worker.worker, name="worker"),
    path("robots.txt", service_worker.robots, name="robots"),
    path("", include("prices.urls_without_language")),
    # Asked for by browsers on pages that name no icon: the admin's, and files.
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}potato/mark.svg")),
]
urlpatterns += i18n_patterns(
    path(settings.ADMIN_PATH, admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("manifest.webmanifest", service_worker.manifest, name="manifest"),
    path("offline/", service_worker.offline, name="offline"),
    path("", include("shops.urls")),
    path("", include("catalog.urls")),
    path("", include("alerts.urls")),
    path("", include("prices.urls")),
    prefix_default_language=False,
)
