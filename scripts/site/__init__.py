"""The pages of make site: the chapter, a page a script, lessons, the cache, exercises; each file makes some of them."""
