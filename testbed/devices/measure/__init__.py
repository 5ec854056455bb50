"""Measuring the machine this runs on: every stage that a device's file has a table of."""
