"""What Python's own clients make of a running stack (tests/clients/with-stack.ts says which). Its last line is `N
passed, N failed`."""

import json
import os
import pathlib
import re
import sys
import tempfile
import traceback
import urllib.error
import urllib.request

import frictionless
import requests

GRANARY, TOKEN = os.environ["GRANARY"], os.environ["TOKEN"]
AUTH = {"Authorization": f"Bearer {TOKEN}"}
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHAPES = ROOT / "../shared/data/dcat-ap"

passed, failed = 0, 0


def check(name, act):
    global passed, failed
    try:
        act()
        passed += 1
        print(f"  ✓ {name}", flush=True)
    except Exception:
        failed += 1
        print(f"  ✗ {name}", flush=True)
        traceback.print_exc(limit=-3)


def get(path, **more):
    answer = requests.get(GRANARY + path, headers=AUTH, **more)
    answer.raise_for_status()
    return answer


def python_blocks(page):
    return re.findall(r"^```python\n(.*?)^```$", page, re.S | re.M)


# R12: what docs/clients.md shows, as it stands there.


def rows_there(block):
    """How many rows the API says there are of what a block reads."""
    path = re.search(r"/v1/(?:datasets|records)/[^\s\"')]+", block).group()
    if path.startswith("/v1/datasets"):
        return get(f"/v1/datasets/{path.split('/')[3]}").json()["rows"]
    query = re.sub(r"&(format|guard)=\w+", "", path)
    counted = requests.head(GRANARY + query, headers={**AUTH, "Prefer": "count=exact"})
    return int(counted.headers["content-range"].split("/")[1])


def clients_page():
    blocks = python_blocks((ROOT / "docs/clients.md").read_text())
    given = {}
    assert len(blocks) >= 10, "docs/clients.md has fewer blocks than it had"
    for block in blocks:

        def run(block=block):
            given.pop("frame", None)
            exec(compile(block, "docs/clients.md", "exec"), given)
            if "frame = " in block:
                there = rows_there(block)
                assert there > 10 and len(given["frame"]) == there, f"{len(given['frame'])} rows of {there}"
            if "report = " in block:
                assert given["report"].valid, given["report"].to_summary()

        first = next(line for line in reversed(block.strip().splitlines()) if not line.startswith(" "))
        check(f"R12: docs/clients.md: {first[:100]}", run)
    return given


def a_redirect_with_a_token_is_refused():
    """Why docs/clients.md says so: the day that this passes, it need not be said any more."""
    request = urllib.request.Request(f"{GRANARY}/v1/datasets/embrapa_producao/download?format=csv", headers=AUTH)
    try:
        urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        assert error.code == 400, error.code
    else:
        raise AssertionError("the store took a request that has a token besides its signature")


def same_rows_whatever_the_format(given):
    import pandas as pd

    for path in ("/v1/records/embrapa_exp_vinho?order=country,year", "/v1/records/embrapa_producao?order=line,year"):
        parquet = pd.read_parquet(given["file_of"](path + "&format=parquet"))
        csv = pd.read_csv(given["file_of"](path + "&format=csv&guard=off"), keep_default_na=False, na_values=[""])
        rows = get(path).json()
        assert len(parquet) == len(csv) == len(rows) > 100
        for column in rows[0]:
            told = [None if row[column] is None else str(row[column]) for row in rows]
            for frame in (parquet, csv):
                read = [None if pd.isna(value) else value for value in frame[column]]
                for one, other in zip(read, told):
                    same = one is None and other is None or one is not None and other is not None and (
                        str(one) == other or str(one).lower() == other.lower() or is_close(one, other)
                    )
                    assert same, f"{column}: {one!r} is not {other!r}"


def is_close(one, other):
    try:
        return float(one) == float(other)
    except (TypeError, ValueError):
        return False


# docs/api.md: each call in Python as printed.


def api_page():
    page = (ROOT / "docs/api.md").read_text()
    first, *calls = python_blocks(page)
    given = {}
    exec(first, given)
    wrong = []
    for call in calls:
        given.pop("answer", None)
        exec(compile(call, "docs/api.md", "exec"), given)
        # No version is held in this stack: to decide about one is answered so (tests/e2e/examples.test.ts has some that
        # are).
        if re.search(r"/versions/\d+/(release|reject)\"", call):
            assert given["answer"].status_code == 404 and "that are held" in given["answer"].json()["detail"], call
        elif given["answer"].status_code >= 300:
            wrong.append(f"{given['answer'].status_code} {call}\n{given['answer'].text[:300]}")
    assert len(calls) > 30 and not wrong, "\n".join(wrong)


# R17: the catalog by the shapes of DCAT-AP 3.


def catalog_keeps_the_shapes():
    import rdflib
    from pyshacl import validate

    SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    address = f"{GRANARY}/catalog.jsonld"
    catalog = rdflib.Graph().parse(data=requests.get(address).text, format="json-ld", publicID=address)
    shapes = rdflib.Graph()
    for file in sorted(SHAPES.glob("*.ttl")):
        shapes.parse(file)
    # Some shapes are referred to that the published files do not hold.
    for one in set(shapes.objects(None, SH.property)):
        if shapes.value(one, SH.path) is None:
            shapes.remove((None, None, one))

    def violations():
        _, report, _ = validate(catalog, shacl_graph=shapes, inference="none")
        # Without the details of results that are no more than warnings.
        results = list(report.objects(None, SH.result))
        return [
            f"{report.value(one, SH.resultPath)}: {report.value(one, SH.resultMessage)}"
            for one in results
            if report.value(one, SH.resultSeverity) == SH.Violation
        ]

    DCAT, DCT = rdflib.Namespace("http://www.w3.org/ns/dcat#"), rdflib.Namespace("http://purl.org/dc/terms/")
    assert len(set(catalog.subjects(rdflib.RDF.type, DCAT.Dataset))) == 15
    assert violations() == [], "\n".join(violations())
    # The shapes are awake: without its publisher the catalog breaks them.
    catalog.remove((rdflib.URIRef(address), DCT.publisher, None))
    assert any("publisher" in one for one in violations())


# R18: every version as a Data Package.

NAMES = {
    "parquet": "data.parquet",
    "csv": "data.csv.gz",
    "quarantine": "quarantine.ndjson.gz",
    "profile": "profile.json",
    "datapackage": "datapackage.json",
}


def fetch_version(dataset, folder):
    for format, name in NAMES.items():
        # Followed by requests, which leaves the token behind.
        answer = get(f"/v1/datasets/{dataset}/download", params={"format": format})
        (folder / name).write_bytes(answer.content)


def data_packages():
    datasets = [one["id"] for one in get("/v1/datasets", params={"limit": 100}).json()["items"]]
    assert len(datasets) == 15, datasets
    with tempfile.TemporaryDirectory() as place:
        for dataset in datasets:
            folder = pathlib.Path(place) / dataset
            folder.mkdir()

            def run(dataset=dataset, folder=folder):
                fetch_version(dataset, folder)
                report = frictionless.validate(folder / "datapackage.json")
                assert report.valid, report.to_summary()
                assert [task.valid for task in report.tasks] == [True] * 4

            check(f"R18: frictionless takes {dataset} for valid", run)

        def damaged(name):
            path = pathlib.Path(place) / datasets[0] / name
            whole = path.read_bytes()
            path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
            try:
                valid = frictionless.validate(path.parent / "datapackage.json").valid
            except Exception:
                # It does not get as far as the hash where what it reads cannot be unzipped.
                valid = False
            finally:
                path.write_bytes(whole)
            assert not valid

        for name in ("data.parquet", "quarantine.ndjson.gz", "profile.json"):
            check(f"R18: frictionless notices a bit of {name} that was turned", lambda name=name: damaged(name))


os.chdir(tempfile.mkdtemp())
given = clients_page()
check("R12: urllib follows a redirect with its token, and the store refuses that", a_redirect_with_a_token_is_refused)
check("R12: JSON, CSV and Parquet have the same rows, as pandas reads them", lambda: same_rows_whatever_the_format(given))
check("R12: every call of docs/api.md in Python works as printed", api_page)
if SHAPES.exists():
    check("R17: the catalog breaks none of the shapes of DCAT-AP 3", catalog_keeps_the_shapes)
else:
    print("  - R17: the shapes of DCAT-AP 3 are not there (../shared/data/dcat-ap): the catalog was not tried on them")
data_packages()
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
