"""The admin, hardened: whoever registers a model, its list and forms answer nonsense as pages do, never by an error of ours."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.db import DataError, ProgrammingError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from potato.web import errors_pages

MOST_WORDS = 8
"""Each word of a search is looked for in every column; of more the rest is not looked at."""
MOST_ROWS = 200
"""More rows of a form than anybody is shown or fills in: each is built before it is looked at."""


class Hardened(admin.ModelAdmin):
    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list as asked for. Django answers for filters that it cannot make sense of, not for the database's."""
        try:
            with transaction.atomic():
                return super().get_changelist_instance(request)
        except (DataError, ProgrammingError, ValueError, IndexError) as error:
            if set(request.GET) <= {ERROR_FLAG}:
                raise
            raise IncorrectLookupParameters from error

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        few = " ".join(search_term.split()[:MOST_WORDS])
        return super().get_search_results(request, queryset, few)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Do what was chosen to the rows that are ticked. :raises BadRequest: one is none of this table's."""
        # Further arguments: Django 6 has one more than 5.2.
        try:
            for ticked in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(ticked)
        except ValidationError as error:
            raise BadRequest from error
        return super().response_action(request, queryset, *args, **kwargs)

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        formset = super().get_changelist_formset(request, **kwargs)
        formset.absolute_max = MOST_ROWS
        return formset

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Iterator[Any]:
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            formset.absolute_max = MOST_ROWS
            yield formset, inline


class Site(admin.AdminSite):
    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Staff change their password where everybody does: it counts the tries, and mails to the account's addresses."""
        return redirect("account_change_password")

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Django's, but whoever sends a form once their session has ended does not lose what is in it."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST" and not self.has_permission(request):
                return errors_pages.not_staff(request)
            return guarded(request, *args, **kwargs)

        return keeping

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        own = admin_class or admin.ModelAdmin
        super().register(model_or_iterable, type(own.__name__, (Hardened, own), {}), **options)
