"""The import paths of the original CoderSchoolAI, and its classic loop, on top of csai.

Importing it prints nothing, opens nothing and loads no torch. `csai classic` says what a name is called now.
"""

__version__ = "0.1.0"
