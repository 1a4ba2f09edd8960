"""A first connection in a process of its own, for a driver that crashes its process.

MariaDB's driver 3.1.15 dies of a line that is lost between login and the questions
that pyodbc asks at the first connection with a string (SQLGetTypeInfo). A night must
not.
"""

import hashlib
import json
import subprocess
import sys

import pyodbc

# The strings with which this process has got through: pyodbc asks no more.
_GOT_THROUGH: set[bytes] = set()
_PROGRAM = """
import json, sys
import pyodbc
text, seconds = json.load(sys.stdin)
try:
    pyodbc.connect(text, autocommit=True, timeout=seconds).close()
except pyodbc.Error as fault:
    print(json.dumps([str(argument) for argument in fault.args]))
"""


def try_first(text: str, seconds: int) -> None:
    """Connect and let go, once for each connection string.

    Raises pyodbc.Error as the driver does, and 08S01 for one that crashes or hangs.
    """
    mark = hashlib.sha256(text.encode()).digest()
    if mark in _GOT_THROUGH:
        return
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-I", "-c", _PROGRAM],
            input=json.dumps([text, seconds]),  # never among the arguments
            capture_output=True,
            text=True,
            timeout=seconds * 2,
            check=False,
        )
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        raise pyodbc.OperationalError("08S01", "the driver crashed or hung")
    if done.stdout:
        raise pyodbc.Error(*json.loads(done.stdout))
    _GOT_THROUGH.add(mark)
