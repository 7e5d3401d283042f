"""What every block and every network should do; for pytest, and for `csai check`.

from csai_neural.testing import BlockSuite

class TestMaxout(BlockSuite):
entry_name = "maxout"
"""

from csai_neural.testing.block import BlockSuite
from csai_neural.testing.network import NetworkSuite

__all__ = ["BlockSuite", "NetworkSuite"]
