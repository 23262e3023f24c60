"""The peer of goal 11: the seed route as Flask and pandas serve it, reading the file for each request as its ancestor did.

Run by gunicorn with two workers; GRANARY_BENCH_CSV names the file.
"""
import json
import os

import pandas
from flask import Flask, Response

app = Flask(__name__)
PATH = os.environ["GRANARY_BENCH_CSV"]
with open(PATH, encoding="utf-8") as file:
    DELIMITER = max(";\t,", key=file.readline().count)


def sections():
    frame = pandas.read_csv(PATH, sep=DELIMITER, decimal=",", na_values=["nd", "*", "+", "-"])
    opens = frame["control"].isna() | frame["control"].str.isupper().fillna(False)
    frame["produto"] = frame["produto"].str.strip()
    names = frame["produto"].where(opens).ffill()
    records = frame.drop(columns=["id", "control"])
    records = records.astype(object).where(records.notna(), None)
    return {name: group.to_dict("records") for name, group in records.groupby(names, sort=False)}


@app.get("/producaoCSV")
def producao():
    return Response(json.dumps(sections(), ensure_ascii=False), mimetype="application/json")
