"""The link between the two halves. Knows nothing of images, tensors or `testbed`.

Start at `link.py` (what a link is) and `lane.py` (the law every backend obeys).
"""
