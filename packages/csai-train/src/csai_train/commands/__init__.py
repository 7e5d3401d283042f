"""The commands that csai-train adds to `csai`.

Their modules import inside functions whatever is slow to import, so that `csai train --help` answers at once.
"""
