"""`python -m testbed` is `testbed`; the halves are started this way."""

from testbed.cli.app import main

main()
