"""Reads the first sheet of a workbook by calamine; prints processor time (ms) and peak memory (MB) as JSON."""

import json
import resource
import sys
import time

from python_calamine import CalamineWorkbook

begun = time.process_time()
rows = CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python()
assert len(rows) > 1
peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"cpu_ms": (time.process_time() - begun) * 1000, "peak_mb": peak_kb / 1024}))
