"""Addresses of alerts. The stream is the events process'."""

from django.urls import path

from alerts.views import inbox, rules, settings

urlpatterns = [
    path("alerts/", inbox.alerts, name="alerts"),
    path("alerts/<int:id>/", inbox.alert, name="alert"),
    path("alerts/read/", inbox.mark_read, name="alerts_read"),
    path("alerts/following/", inbox.following, name="following"),
    path("alerts/settings/", settings.alert_settings, name="alert_settings"),
    path("alerts/rules/", rules.alert_rules, name="alert_rules"),
    path("alerts/rules/new/", rules.new, name="alert_rule_new"),
    path("alerts/rules/restore/", rules.restore, name="alert_rule_restore"),
    path("alerts/rules/<int:id>/", rules.edit, name="alert_rule"),
    path("alerts/rules/<int:id>/act/", rules.act, name="alert_rule_act"),
]
