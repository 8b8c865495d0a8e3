# SPDX-License-Identifier: Apache-2.0
"""An installed greenbench for tests: what `cmake --install` makes of GB_BUILD."""
import os
import subprocess


def call(*words, **more):
    """Run a command that must succeed; what it said."""
    done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=300,
                          check=False, **more)
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}"
    return done.stdout


def tree(prefix, components=("runtime", "sdk", "plugins")):
    """Install GB_BUILD to a new folder; that folder."""
    for component in components:
        call("cmake", "--install", os.environ["GB_BUILD"], "--prefix", prefix,
             "--component", component)
    return prefix
