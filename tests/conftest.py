import signal

from hypothesis import settings

# A shell that starts the tests in the background leaves interrupts ignored, and every process of
# theirs would inherit that: the tests of Ctrl-C need what a terminal gives.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine that is busy is slow, not wrong: no test depends on time.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
