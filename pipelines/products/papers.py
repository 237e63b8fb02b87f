"""The papers that travel with a product: its notice, what its columns mean, and its manifest."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.lake import file_sha256
from pipelines.products.basis import Grounds
from pipelines.products.contents import Tables
from pipelines.products.definition import Product
from pipelines.products.law import Law
from pipelines.publish.manifest import files_of
from pipelines.publish.published_contracts import PublishedTable
from pipelines.spreadsheets import harmless

NOTICE, DICTIONARY = "NOTICE.txt", "data_dictionary.csv"

FORMAT = "countylink-product-1"

ALWAYS = (
    "Do not try to find out who anybody is, and do not join this to rows of another product or recipient.",
    "Do not publish a count of people from 1 to 10, nor anything from which one could be worked out.",
    "Destroy every copy when the agreement ends.",
)
"""What every recipient of rows about people keeps to, whatever the law before the records."""


def notice(product: Product, grounds: Grounds, law: Law) -> str:
    """The text of NOTICE.txt: under which agreement, for what, and what may not be done."""
    agreement = product.agreement
    head = [
        f"{product.title}",
        f"For {product.recipient}, project {product.project}, under agreement {agreement.id}, "
        f"signed {agreement.signed_on}, expires {agreement.expires_on}.",
        f"Purpose: {product.purpose}. Any other use needs another agreement.",
    ]
    bases = [f"Basis: {law.terms.bases[name].clause} ({name})." for name in product.bases]
    told = notices(product, grounds, law)
    return "\n\n".join(["\n".join([*head, *bases]), "\n".join(rules(product)), *told]) + "\n"


def rules(product: Product) -> tuple[str, ...]:
    """What the recipient keeps to; a table of counts can be published and kept."""
    return ALWAYS if product.has_persons else ALWAYS[1:2]


def notices(product: Product, grounds: Grounds, law: Law) -> list[str]:
    """What travels along because of the law before the records, and because of the bases."""
    scopes = [told for name in product.bases if (told := law.terms.bases[name].notice)]
    return [*law.notices(grounds.regimes), *scopes]


def dictionary(tables: Tables, published: Mapping[str, PublishedTable], law: Law, method: str | None) -> str:
    """The text of data_dictionary.csv: a row a column, with what was done to it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("table", "column", "description", "what_was_done"))
    for row in dictionary_rows(tables, published, law, method):
        writer.writerow([harmless(cell) for cell in row])
    return text.getvalue()


def dictionary_rows(
    tables: Tables, published: Mapping[str, PublishedTable], law: Law, method: str | None
) -> Iterator[tuple[str, str, str, str]]:
    """Table, column, what it means, and what was done to it, for every column that the product holds."""
    for table, rows in tables.items():
        told = {column.name: column.description for column in published[table].columns}
        for column in rows.columns:
            source = f"{column.removesuffix('_year')}_on" if column not in told and column != "zip3" else column
            rule = law.rules_of(method)[table].get(source) if method else None
            done = f"{rule.action}: {rule.reason}" if rule else ""
            meaning = told.get(source, "First three digits of the ZIP code")
            yield table, column, meaning if source == column else f"Year only: {meaning}", done


def manifest(
    product: Product, grounds: Grounds, inputs: Mapping[str, Any], tables: Tables, folder: Path
) -> dict[str, Any]:
    """What a build was made from and under which law, and the SHA-256 of each of its files."""
    return {
        "format": FORMAT,
        "product": product.id,
        "title": product.title,
        "tier": product.tier,
        "purpose": product.purpose,
        "agreement": product.agreement.model_dump(mode="json"),
        "bases": list(product.bases),
        "regimes": sorted(grounds.regimes),
        "agencies": sorted(grounds.agencies),
        "measures_left_out": list(grounds.dropped_measures),
        "inputs": dict(inputs),
        "rows": {name: rows.height for name, rows in tables.items()},
        "files": {
            name: {"bytes": (folder / name).stat().st_size, "sha256": file_sha256(folder / name)}
            for name in files_of(folder)
        },
    }


def as_text(document: Mapping[str, Any]) -> str:
    """JSON as it stands in a file."""
    return json.dumps(document, indent=1, sort_keys=True, default=str, ensure_ascii=False) + "\n"
