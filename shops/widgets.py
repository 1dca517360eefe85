"""How a position is given in the admin."""

from typing import Any

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSGeometry
from django.forms import Media
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.safestring import SafeString
from leaflet.admin import LeafletAdminWidget


class PointWidget(LeafletAdminWidget):
    """A map to click on, and two fields to type into. Without tiles it shows the outlines of the regions."""

    geometry_field_class = "L.PotatoPointField"

    @property
    def media(self) -> Media:
        leaflets = super().media
        # In one list: two lists that have nothing in common may be loaded in any order.
        return leaflets + Media(js=[*leaflets._js, "shops/point.js"], css={"screen": ["shops/point.css"]})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        # Leaflet guesses where its pictures are from the name of its style sheet, which carries a hash in
        # production.
        context["FORCE_IMAGE_PATH"] = static("leaflet/images/")
        context["outlines"] = static("shops/regions.geojson")
        return context

    def deserialize(self, value: str) -> GEOSGeometry | None:
        """The position, or None for what is none: then the field says so."""
        try:
            geometry: GEOSGeometry | None = super().deserialize(value)
        except GDALException:
            # What is GeoJSON by its looks only.
            return None
        # PostGIS has no column for a height.
        return None if geometry is None or geometry.empty or geometry.hasz else geometry

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        # Django's own form renderer does not see the project's templates.
        return render_to_string(template_name, context)
