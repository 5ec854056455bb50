"""Rate traces of our own making: the laws behind them, the four that ship, what they measure."""
