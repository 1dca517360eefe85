"""Where: regions, townships and shops, and who follows them. Imported by ``catalog`` and above."""
