"""`make test-netem`: the tests that need sch_netem, here or in a guest whose kernel has it.

`__main__.py` decides and sums up, `kernel.py` fetches a kernel, `initramfs.py` and `init.sh` boot
it on this machine's own files, `guest.py` runs QEMU, `verdict.py` reads what pytest said.
"""
