"""The site's addresses, and two pages that let in only members and only contributors."""

from django.http import HttpResponse
from django.urls import path

from accounts.decorators import contributors_only, members_only
from potato import urls


def opened(request):
    return HttpResponse("opened")


handler403, handler404, handler500 = urls.handler403, urls.handler404, urls.handler500
urlpatterns = [
    path("door/members/", members_only(opened)),
    path("door/contributors/", contributors_only(opened)),
    *urls.urlpatterns,
]
