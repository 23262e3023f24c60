"""Calls by the client that openapi-python-client makes."""

import os

from openapi_python_client import AuthenticatedClient
from openapi_python_client.api.catalog import get_dataset, get_version, list_datasets
from openapi_python_client.api.data import download_dataset, get_importacao, get_producao
from openapi_python_client.api.history import get_diff
from openapi_python_client.api.records import get_records
from openapi_python_client.models import GetRecordsFilters, Problem

client = AuthenticatedClient(base_url=os.environ["GRANARY"], token=os.environ["TOKEN"])
datasets = list_datasets.sync(client=client, limit=100).items
assert len(datasets) == 15 and datasets[0].fields[0].name, datasets
dialect = get_version.sync("embrapa_producao", 1, client=client).dialect
assert dialect.delimiter == ";" and dialect.newline in ("\n", "\r\n"), dialect
assert get_producao.sync(client=client)["VINHO DE MESA"][0]["1970"] > 0
assert get_importacao.sync("Vinhos", client=client)[0]["pais"]
filters = GetRecordsFilters.from_dict({"year": "eq.1971"})
rows = get_records.sync("embrapa_producao", client=client, select="year,quantity", filters=filters, and_="(is_total.is.true)")
assert {row["year"] for row in rows} == {1971}, rows
assert get_diff.sync("embrapa_producao", client=client).items[0].op in ("add", "change", "remove")
file = download_dataset.sync("embrapa_producao", client=client, redirect=False)
assert file.location.startswith("http") and file.bytes_ > 0
assert isinstance(get_dataset.sync("nothing", client=client), Problem)
