"""A run, watched: what is fed, drawn, fetched, saved and drawn as a picture; and looked at again."""
