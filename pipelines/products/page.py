"""The page of a product, `index.html`: what a recipient has been given, on which terms, and how to read it.

Drawn from the definition, the law and the published contracts, as the other papers are; it needs nothing from outside
its folder, and no row of the product stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.products import papers
from pipelines.products.anonymity import Anonymity
from pipelines.products.basis import Grounds
from pipelines.products.contents import Tables
from pipelines.products.definition import Product
from pipelines.products.law import Law
from pipelines.publish.published_contracts import PublishedTable

PAGE = "index.html"


def page(
    product: Product,
    grounds: Grounds,
    law: Law,
    published: Mapping[str, PublishedTable],
    inputs: Mapping[str, Any],
    tables: Tables,
    anonymity: Anonymity | None,
) -> str:
    """The text of index.html.

    Args:
        product: what the recipient is to have.
        grounds: what the law says of it.
        law: the law as data.
        published: the contracts of the tables that it is made from.
        inputs: what the build was made from.
        tables: the rows, of which only names and numbers are told.
        anonymity: the measure of its persons, where it is de-identified.
    """
    environment = Environment(
        loader=PackageLoader("pipelines.products"), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    method = product.de_identification.method if product.de_identification else None
    columns = list(papers.dictionary_rows(tables, published, law, method))
    text = environment.get_template("product.html").render(
        product=product,
        bases=[law.terms.bases[name] for name in product.bases],
        rules=papers.rules(product),
        notices=papers.notices(product, grounds, law),
        inputs=inputs,
        agencies=sorted(grounds.agencies),
        dropped=grounds.dropped_measures,
        anonymity=anonymity,
        is_de_identified=method is not None,
        first_table=next(iter(tables)),
        tables=[
            {
                "name": name,
                "rows": rows.height,
                "grain": published[name].grain,
                "limitations": published[name].limitations,
                "columns": [
                    {"name": column, "meaning": meaning, "done": done}
                    for table, column, meaning, done in columns
                    if table == name
                ],
            }
            for name, rows in tables.items()
        ],
    )
    return text + "\n"
