"""The peer of `bench far`: DuckDB reads the Parquet file over HTTP by its extension httpfs.

    python duckdb_httpfs.py URL ROUNDS THREADS KEPT CASES

CASES is {name: SQL over the view t} as JSON; prints {name: {ms, requests, bytes}}. KEPT says whether the file's metadata
is kept between queries (true), as ours is, or not (false), as DuckDB does by default. Its data never is.
"""
import json
import statistics
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import duckdb
import duckdb_extension_httpfs

url, rounds, threads, kept, cases = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], json.loads(sys.argv[5])
counter = "{0.scheme}://{0.netloc}/-/counted".format(urlsplit(url))


def counted():
    with urlopen(counter) as answer:
        return json.load(answer)


connection = duckdb.connect(config={"threads": threads})
folder = Path(duckdb_extension_httpfs.__path__[0])
connection.execute(f"LOAD '{folder}/extensions/v{duckdb.__version__}/httpfs.duckdb_extension'")
connection.execute("SET enable_http_metadata_cache = " + kept)
connection.execute("SET parquet_metadata_cache = " + kept)
connection.execute("SET enable_external_file_cache = false")
connection.execute(f"CREATE VIEW t AS FROM read_parquet('{url}')")
results = {}
for name, sql in cases.items():
    times = []
    for turn in range(rounds + 1):
        counted()
        begun = time.perf_counter()
        rows = connection.execute(sql).fetchall()
        if turn > 0:  # the first round warms up
            times.append((time.perf_counter() - begun) * 1000)
        if not rows:
            raise SystemExit(f"DuckDB answers {name} with nothing")
    results[name] = {"ms": statistics.median(times), **counted()}
print(json.dumps(results))
