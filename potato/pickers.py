"""The admin's pick lists that search while staff type (``autocomplete_fields``), hardened."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.db.models import ForeignKey, ManyToManyField
from django.http import HttpRequest

MOST_DIGITS = 18
"""More than that is no id: the database's are below 2^63."""


class _NumbersOnly(AutocompleteMixin):
    """Showing a refused form again, Django looks up whatever was sent as if it were an id: an error page."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        ids = [one for one in value if not one or (str(one).isdecimal() and len(str(one)) <= MOST_DIGITS)]
        return super().optgroups(name, ids, attr)


class PickOne(_NumbersOnly, AutocompleteSelect):
    pass


class PickSome(_NumbersOnly, AutocompleteSelectMultiple):
    pass


class PickerAdmin(admin.ModelAdmin):
    """A model's admin whose ``autocomplete_fields`` answer nonsense by an error at the field."""

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = PickOne(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = PickSome(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)
