"""Is one kind of training better than another, over its seeds?"""
