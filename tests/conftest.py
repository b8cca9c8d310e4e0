from hypothesis import settings

# The first example may be what compiles a pattern or loads a grammar, so none has a deadline.
settings.register_profile("tracklint", deadline=None)
settings.load_profile("tracklint")
