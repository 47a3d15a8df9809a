"""The inspector: checks a record alone, offline, trusting none of the parties.

Written from ``docs/record-format.md`` with nothing but the standard library and `cryptography`; it
imports nothing of :mod:`baseload`, so that an error made there is not made here again. All modules
together are the single file ``inspect.py`` of a kit (:mod:`baseload.verify.bundle`), which is why
no two of them may use a name twice.
"""
