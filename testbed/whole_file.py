"""The former name of `testbed/files.py`, until sweeps and studies use that one."""

from testbed.files import atomic_write as write_whole
from testbed.files import replacing as whole

__all__ = ["whole", "write_whole"]
