"""`python -m testbed` is `testbed`; the halves are started this way."""

from testbed.cli import main

main()
