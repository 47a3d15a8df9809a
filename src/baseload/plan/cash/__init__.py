"""Money: one ledger of cash flows, the capital behind it, and what it is worth."""
