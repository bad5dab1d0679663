"""Starts the probe, then becomes the sitecustomize that Python would have found without it."""

import os
import sys


def _start():
    writes_none = sys.dont_write_bytecode
    try:
        # Into our own folder, so that the next process need not compile it.
        sys.dont_write_bytecode = False
        import _tiermod_probe

        sys.dont_write_bytecode = writes_none
        _tiermod_probe.start()
    except Exception:
        # The program that is observed must run in any case; what is not counted is reported by
        # whoever started it.
        sys.dont_write_bytecode = writes_none


def _step_aside():
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if not entry or os.path.abspath(entry) != here]
    sys.modules.pop("sitecustomize", None)


_start()
_step_aside()

# Where there is none, this raises the ImportError that `site` expects in that case; whatever
# else the next one raises, `site` reports as it always does.
import sitecustomize  # noqa: E402,F401
