"""Looks at the first files of a folder by csv-detective; prints processor time (ms) and how many it refused as JSON."""

import json
import logging
import sys
import time

from csv_detective import routine

logging.disable(logging.CRITICAL)


def look(path: str) -> bool:
    try:
        routine(file_path=path, num_rows=-1, output_profile=True, save_results=False)
        return True
    except Exception:
        return False


folder, count = sys.argv[1], int(sys.argv[2])
look(f"{folder}/0.csv")
begun = time.process_time()
refused = sum(not look(f"{folder}/{index}.csv") for index in range(count))
print(json.dumps({"cpu_ms": (time.process_time() - begun) * 1000, "refused": refused}))
