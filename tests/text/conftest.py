"""Property tests of this room run without a deadline: it would measure the machine, not the code."""

from hypothesis import settings

settings.register_profile("no_deadline", deadline=None)
settings.load_profile("no_deadline")
