"""Make `data/insurance.csv.gz` from the table of the RAND Health Insurance Experiment that comes with `statsmodels`.

    pip download --no-deps statsmodels==0.15.0
    unzip -j statsmodels-*.whl statsmodels/datasets/randhie/src/randhie.csv
    python -m course_utils.datasets.convert_insurance randhie.csv

The csv has one year of one person a line, 20,190 lines of 5,912 persons, and 45 columns. Fifteen are made of them,
with names that say what they are; no line is left out. Persons get new numbers, in the order of the file. Three
columns have fractions where a value was estimated: an estimated limitation is called "yes" from one half on, and ages and
indices are rounded to one decimal. The same csv gives the same table every time; the same zlib gives the same bytes.
"""

import argparse
import gzip
from pathlib import Path

from course_utils import files, paths
from course_utils.datasets import shipped

ROWS, PERSONS = 20_190, 5_912
WANTED = ["zper", "site", "coins", "idp", "year", "female", "xage", "income", "num", "hlthg", "hlthf", "hlthp"]
WANTED += ["physlm", "disea", "mhi", "mdvis", "meddol"]


def read_csv(path: str | Path):
    """The table as it ships, a data frame of 20,190 rows.

    Raises ValueError when the file is not the one of statsmodels: other columns, or another number of rows or persons.
    """
    import pandas as pd

    source = pd.read_csv(path)
    if not set(WANTED) <= set(source.columns) or len(source) != ROWS or source["zper"].nunique() != PERSONS:
        raise ValueError(f"{path}: expected {ROWS} rows of {PERSONS} persons with {', '.join(WANTED)}")
    if source[WANTED].isna().any(axis=None):
        raise ValueError(f"{path}: expected a value in every row of these columns")
    return pd.DataFrame(
        {
            "person": pd.factorize(source["zper"])[0],
            "site": source["site"],
            "coinsurance": source["coins"],
            "deductible": _yes(source["idp"] == 1),
            "year": source["year"],
            "sex": (source["female"] == 1).map({True: "female", False: "male"}),
            "health": _health(source),
            "limited": _yes(source["physlm"] >= 0.5),
            "age": source["xage"].round(1),
            "income": source["income"].round().astype(int),
            "family": source["num"],
            "chronic": source["disea"].round(1),
            "mental": source["mhi"].round(1),
            "visits": source["mdvis"],
            "spending": source["meddol"].round(2),
        }
    )


def _yes(where):
    return where.map({True: "yes", False: "no"})


def _health(source):
    """One column for the three that mark the lower answers."""
    health = source["hlthg"].map({1: "good", 0: "excellent"})
    return health.mask(source["hlthf"] == 1, "fair").mask(source["hlthp"] == 1, "poor")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make data/insurance.csv.gz from statsmodels' randhie.csv")
    parser.add_argument("csv", help="path of randhie.csv")
    parser.add_argument("--output", type=Path, default=paths.shipped("insurance.csv.gz"))
    arguments = parser.parse_args()
    text = read_csv(arguments.csv).to_csv(index=False, lineterminator="\n")
    path = files.write_atomic(arguments.output, gzip.compress(text.encode("ascii"), 9, mtime=0))
    print(f"{path}: {path.stat().st_size:,} bytes, sha256 {shipped.record(path)}")


if __name__ == "__main__":
    main()
