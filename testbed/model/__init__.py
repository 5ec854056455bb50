"""The networks under test: published backbones with one head a task, chains of named blocks.

Start at `mtl.py` (the network) and `checkpoint.py` (weights, what they are); `load.py` gives what
the halves run: `torch_network.py`, or a null network. It and `choose.py` import no torch, so a
harness without a network starts quickly.
"""
