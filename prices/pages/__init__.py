"""What the public price pages show, put together from boards and names: data in, data out.

Texts are written here, once a row, so that templates only place them. Who calls has read the boards: views, and the admin for
texts of prices.
"""
