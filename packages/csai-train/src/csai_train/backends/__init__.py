"""What makes small networks fast on a processor: flat parameters, and plain networks in numpy.

None of it changes a result: the tests hold every piece against torch and its autograd.
"""
