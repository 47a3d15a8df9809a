"""How much, where, when: availability, dispatch, money, and what the answer hangs on."""
