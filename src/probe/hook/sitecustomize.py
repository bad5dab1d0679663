"""Starts the probe, then becomes the sitecustomize that Python would have found without it."""

import os
import sys


def _start():
    try:
        import _tiermod_probe

        _tiermod_probe.start()
    except Exception:
        # The program that is observed must run in any case; what is not counted is reported by
        # whoever started it.
        pass


def _step_aside():
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if not entry or os.path.abspath(entry) != here]
    sys.modules.pop("sitecustomize", None)


_start()
_step_aside()

# Where there is none, this raises the ImportError that `site` expects in that case; whatever
# else the next one raises, `site` reports as it always does.
import sitecustomize  # noqa: E402,F401
