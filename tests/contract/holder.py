"""Opens a link and holds it: `python -m tests.contract.holder BACKEND`, for tests that kill it.

Says `open` once the link is, and `interrupted` when Ctrl-C got it closed in order.
"""

import sys
from time import sleep

from emulation.link import load_backend
from emulation.spec import LaneSpec, LinkSpec

if __name__ == "__main__":
    try:
        with load_backend(sys.argv[1]).open(LinkSpec(LaneSpec(), LaneSpec()), 1):
            print("open", flush=True)
            sleep(60)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
