"""`python -m testbed` is `testbed`; the halves are started this way.

Until the command line has loaded, Ctrl-C just ends the process: there is nothing to clear up yet,
and an exception in the middle of an import may get lost.
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from testbed.commands.streams import complete

complete()

from testbed.commands.app import main  # noqa: E402  (what it imports may open files)

if __name__ == "__main__":
    main()
