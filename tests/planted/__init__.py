"""Faults planted on purpose, as authors of plugins make them, and sound plugins beside them.

A file holds the specimens of one kind, each a suite that makes one thing, with a sentence that says what is
wrong with it:

    @planted("the reward nan")
    class NotANumber(EnvironmentSuite):
        '''The third step is worth NaN.'''

        def make(self, **settings): ...

    @sound
    class Corridor(EnvironmentSuite):
        '''A corridor, as it should be.'''

A fault counts as found when the first check that fails gives the true reason, in words that hold what
`@planted` names (a regular expression); a sound specimen must pass every check. `python tests/planted` prints
the table of docs/plugins.md.
"""
