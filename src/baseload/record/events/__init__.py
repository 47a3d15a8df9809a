"""Events: what is written into a record, by whom, about when."""

from baseload.record.events.event import BODIES, Event, check_body, parse

__all__ = ["BODIES", "Event", "check_body", "parse"]
