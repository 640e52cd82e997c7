"""A stand-in for a notebook kernel: queues jobs until it is killed.

    python -m tests.jobs.kernel WORK_DIR SEED

Writes the id of each job as it is in the queue, and what it is to come to.
"""

from __future__ import annotations

import random
import sys
import time

from nustar_widgets.jobs.runner import Runner
from tests.jobs.conftest import standin_call


def main() -> None:
    """Queue jobs of every kind, slower and slower, for ever."""
    work_dir, seed = sys.argv[1], int(sys.argv[2])
    chance = random.Random(seed)
    runner = Runner(work_dir, limit=2)
    last = ""
    for number in range(1000):
        how = chance.choice(["well", "well", "well", "fail"])
        after = [last] if last and chance.random() < 0.3 else []
        call = standin_call(how=how, seconds=round(chance.random() * 0.4, 2), value=str(number))
        last = runner.submit(call, folder=f"{work_dir}/{number}", after=after)
        sys.stdout.write(f"{last} {how} {number}\n")
        sys.stdout.flush()
        time.sleep(chance.random() * 0.2)


if __name__ == "__main__":
    main()
