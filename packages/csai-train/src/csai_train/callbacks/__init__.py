"""Callbacks that write, judge, film and show, so that the loop itself stays free of printing and files."""
