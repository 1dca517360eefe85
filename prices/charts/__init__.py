"""The geometry of the drawings that the server makes: history chart, sparkline, strip of shops.

Pure rules, no I/O and no markup: prices in, frozen models of plain texts out, drawn by the templates in
``templates/components``. Coordinates are texts, so that no language's decimal comma gets into an SVG. Lengths
across are percent of the width (the drawing stretches), heights are pixels. Pages import them.
"""

from prices.charts.history import Chart, Line, Point, history_chart, points_of
from prices.charts.labels import AmountLabel, DateLabel, TickKind, english_date, kyat_text
from prices.charts.scale import nice_step
from prices.charts.sparks import Spark, sparkline
from prices.charts.strips import Ring, Strip, strip

__all__ = [
    "AmountLabel",
    "Chart",
    "DateLabel",
    "Line",
    "Point",
    "Ring",
    "Spark",
    "Strip",
    "TickKind",
    "english_date",
    "history_chart",
    "kyat_text",
    "nice_step",
    "points_of",
    "sparkline",
    "strip",
]
