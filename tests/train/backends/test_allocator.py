"""The C library keeps what a training frees, unless somebody else has said how it shall."""

import json
import os
import subprocess
import sys

import pytest

PROGRAM = """
import json, os, resource
from csai_train.backends.allocator import keep_freed_memory
import torch
kept = keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def use():
    torch.ones(12_000_000).sum()
for _ in range(10):
    use()
before = faults()
for _ in range(20):
    use()
print(json.dumps([kept, faults() - before]))
"""


def run(**environment):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no glibc")
def test_memory_that_is_freed_is_used_again():
    kept, faults = run(**{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ})
    if not kept:
        pytest.skip("there is no mallopt")
    told, usual = run(**os.environ, MALLOC_ARENA_MAX="1")
    assert not told
    assert faults < usual / 2  # pages that the system must give again
