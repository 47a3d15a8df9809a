"""``baseload machines``: the table of mining machines."""

from __future__ import annotations

from baseload.show.commands.arguments import AsJson


def command(as_json: AsJson = False) -> None:
    """List the mining machines that a case can name."""
    from baseload.bitcoin.machines import machine_table
    from baseload.show.terminal import print_json

    rows = machine_table()
    if as_json:
        print_json(rows)
        return
    from baseload.show.text import print_machines

    print_machines(rows)
