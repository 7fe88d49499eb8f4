"""Pages to read in a browser, from disk: two languages from one template, one stylesheet, nothing from elsewhere."""
