"""Where images and labels come from. Imports numpy and Pillow, never torch.

Start at `dataset.py` (what a data set is) and `catalog.py` (all that have labels, by name);
`classes.py` holds what they can be asked. `shapes3d.py` renders its images or reads the published
ones, as `medic.py` and `faces.py` do, `multimnist.py` and `multi_fashion.py` compose them of small
ones, `collage.py` of photographs, digits and solids; `labelled.py` and `unlabelled.py` read the
user's own. `noise.py` disturbs images for training.
"""
