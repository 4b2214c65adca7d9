"""A child process without the rights of root, for tests of what may not be written."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable


def as_nobody(task: Callable[[], None]) -> int:
    """Run a task in a child process without the rights of root and return its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            task()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
