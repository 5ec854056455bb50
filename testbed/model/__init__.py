"""The networks under test: published backbones with one head a task, chains of named blocks.

Start at `mtl.py` (the network) and `checkpoint.py` (weights and what they are); `torch_network.py`
and `null_network.py` are what the halves run. `load.py`, `choose.py` and `null_network.py` import
no torch, so a harness without a network starts quickly.
"""
