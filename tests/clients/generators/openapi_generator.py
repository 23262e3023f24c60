"""Calls by the client that openapi-generator makes for Python."""

import os

import openapi_client as granary

with granary.ApiClient(granary.Configuration(host=os.environ["GRANARY"], access_token=os.environ["TOKEN"])) as client:
    datasets = granary.CatalogApi(client).list_datasets(limit=100).items
    assert len(datasets) == 15 and datasets[0].fields[0].name, datasets
    # What it was read by: a delimiter and line ends among it.
    dialect = granary.CatalogApi(client).get_version("embrapa_producao", 1).dialect
    assert dialect.delimiter == ";" and dialect.newline in ("\n", "\r\n"), dialect
    sections = granary.DataApi(client).get_producao()
    assert sections["VINHO DE MESA"][0]["1970"] > 0
    assert granary.DataApi(client).get_importacao("Vinhos")[0]["pais"]
    rows = granary.RecordsApi(client).get_records(
        "embrapa_producao", select="year,quantity", order="year", var_and="(year.gte.1971,year.lt.1973,is_total.is.true)"
    )
    assert {row["year"] for row in rows} == {1971, 1972}, rows
    diff = granary.HistoryApi(client).get_diff("embrapa_producao")
    assert diff.items[0].actual_instance.op in ("add", "change", "remove")
    file = granary.DataApi(client).download_dataset("embrapa_producao", format="parquet", redirect=False)
    assert file.location.startswith("http") and file.bytes > 0
    try:
        granary.CatalogApi(client).get_dataset("nothing")
    except granary.exceptions.NotFoundException as error:
        assert "nothing" in error.data.detail
    else:
        raise AssertionError("a dataset that is not there was found")
