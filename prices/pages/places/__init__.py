"""Pages of places: home and regions, lists of items and shops, a shop."""
