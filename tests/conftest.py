import signal

# A shell that starts the tests in the background leaves interrupts ignored, and every process of
# theirs would inherit that: the tests of Ctrl-C need what a terminal gives.
signal.signal(signal.SIGINT, signal.default_int_handler)
