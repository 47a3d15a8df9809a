"""What a hash earns: consensus rules, revenue, network response, pool pay, machines.

``consensus``
    nBits, target, difficulty, retarget, subsidy in exact integers.
``revenue``
    hashprice, worth of a megawatt-hour, expected coins and blocks.
``retargets``
    a history of difficulty from a file, and the coins of a period.
``network``
    difficulty and dilution when a fleet joins.
``pools``
    what a pool pays: PPS, FPPS, PPLNS, TIDES, solo.
``machines``, ``curves``, ``conditions``
    the machines, their part load, and what heat, height and age do to them.
``poisson``
    quantiles of a number of blocks.
"""
