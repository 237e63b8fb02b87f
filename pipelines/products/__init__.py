"""What each recipient gets, and nobody else: products made of a release, under purpose, agreement, law and own keys.

    definition.py     a product as data, data_contracts/products/<recipient>.<project>.yaml
    law.py, basis.py  which records stand before which law, and whether this product may hold them
    vault.py, keys.py, rotation.py  random ids of persons, a key a recipient and project, and its replacement
    people.py, contents.py          whose rows, and which
    de_identify.py, anonymity.py    rows that tell of nobody, and the measure of it
    building.py, papers.py, page.py, store.py  written whole, with notice, dictionary, page and manifest
    bundle.py, encrypting.py        one file that only the recipient can open

Tiers: `coded` (a row a person under the recipient's own key), `de_identified`, `public_aggregates`. Identified rows are
no product. Built from a release only; docs/products.md tells how.
"""

from pipelines.products.building import BuildReport, Rulebook, build, verify_build
from pipelines.products.bundle import Bundle, write_bundle
from pipelines.products.definition import PRODUCTS, Product, load_products, product_named, read_product
from pipelines.products.law import LAW, load_law
from pipelines.products.rotation import rotate, write_crosswalk
from pipelines.products.store import current_build, withdraw_builds

__all__ = [
    "LAW",
    "PRODUCTS",
    "BuildReport",
    "Bundle",
    "Product",
    "Rulebook",
    "build",
    "current_build",
    "load_law",
    "load_products",
    "product_named",
    "read_product",
    "rotate",
    "verify_build",
    "withdraw_builds",
    "write_bundle",
    "write_crosswalk",
]
