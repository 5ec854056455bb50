"""Where images and labels come from. Imports numpy and Pillow, never torch.

Start at `dataset.py` (what a data set is); `shapes3d.py` renders its images, `folder.py` reads the
user's own.
"""
