"""The reference workloads in other tools: the floor baseload has to beat.

Each ``with_<tool>`` module states W1, W1nr, W2 and W4 the way a competent user of that tool
would and answers ``solve(workload) -> Answer``. ``python -m benchmarks.peers`` runs them in
processes of their own and prints them beside baseload and beside a direct HiGHS call.
"""
