"""Policy: what a record must be. Imports nothing of ours."""

import os

# Read by Great Expectations on import: a closed network waits for telemetry.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
os.environ["DO_NOT_TRACK"] = "1"
