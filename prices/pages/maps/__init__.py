"""Maps: regions by colour, shops in clusters, shops near the reader."""
