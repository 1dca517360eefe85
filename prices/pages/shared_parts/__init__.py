"""Parts that several pages share: filters, links, measures, phrases, texts for prices. Pages, forms, views and the admin import them."""
