"""Which cut and which codec: what each costs and keeps, and which is best for a link and a device.

`candidates.py` says what may be chosen, `judge.py` how right each is and how many bytes it sends,
`table.py` keeps that.
"""
