"""`countylink product`: what each recipient gets, checked against the law, built, and sealed for them alone."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.options import AS_JSON, CHECKOUT, CONTRACTS, EXISTING, LAKE, NEW_FILE, OUTCOME_CONTRACTS

if TYPE_CHECKING:
    from pipelines.lake import Lake
    from pipelines.products import Product, Rulebook

DEFINITIONS = click.option(
    "--definitions", type=EXISTING, default=CHECKOUT / "data_contracts/products", help="Folder of products."
)
LAW = click.option("--law", type=EXISTING, default=CHECKOUT / "data_contracts/law", help="Folder of the law's files.")
BY = click.option("--by", required=True, help="Who does it.")
APPROVED_BY = click.option("--approved-by", required=True, help="The second person who agreed.")
REASON = click.option("--reason", required=True, help="Why; kept in the audit log.")


@click.group()
def product() -> None:
    """Build what a recipient may have, and seal it for that recipient alone."""


@product.command("lint")
@CONTRACTS
@OUTCOME_CONTRACTS
@DEFINITIONS
@LAW
def lint_products(contracts: Path, outcome_contracts: Path, definitions: Path, law: Path) -> None:
    """Check every product by itself, and whether the law lets it be built today; no lake is needed."""
    from pipelines.products import load_products
    from pipelines.products.basis import grounds

    rulebook = _rulebook(contracts, outcome_contracts, law)
    for one in load_products(definitions, rulebook.published, rulebook.law):
        found = grounds(one, rulebook.contracts, rulebook.law, rulebook.measures, _today())
        click.echo(f"{one.id}: {one.tier}, records of {', '.join(sorted(found.agencies)) or 'nobody'}")


@product.command("list")
@LAKE
@DEFINITIONS
@LAW
@AS_JSON
def list_products(root: Path, definitions: Path, law: Path, as_json: bool) -> None:
    """Show every product, its agreement, its current build, and what is held."""
    from pipelines.lake import Lake
    from pipelines.products import load_law, load_products
    from pipelines.publish import load_published_contracts

    products = load_products(definitions, load_published_contracts(), load_law(law))
    rows = [_state(Lake(root), one) for one in products]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(" · ".join(f"{name} {value}" for name, value in row.items() if value not in (None, False)))


@product.command("build")
@click.argument("name", metavar="PRODUCT")
@LAKE
@BY
@CONTRACTS
@OUTCOME_CONTRACTS
@DEFINITIONS
@LAW
@AS_JSON
@click.pass_context
def build_product(
    ctx: click.Context,
    name: str,
    root: Path,
    by: str,
    contracts: Path,
    outcome_contracts: Path,
    definitions: Path,
    law: Path,
    as_json: bool,
) -> None:
    """Build PRODUCT from the latest release; exit code 1 if its groups are too small and it is held."""
    from pipelines.defs.locking import sole_writer
    from pipelines.lake import Lake
    from pipelines.products import build

    rulebook = _rulebook(contracts, outcome_contracts, law)
    with sole_writer(root):
        report = build(Lake(root), _product(name, definitions, rulebook), rulebook, by=by, on=_today())
    told = {"product": report.product_id, "build_id": report.build_id, "is_new": report.is_new,
            "is_held": report.is_held, "rows": dict(report.rows),
            "anonymity": report.anonymity.as_json() if report.anonymity else None}  # fmt: skip
    if as_json:
        click.echo(json.dumps(told, indent=2))
    else:
        state = "held, the build before it stays" if report.is_held else str(report.folder)
        click.echo(f"{report.product_id} {report.build_id}: {state}")
        for table, rows in report.rows.items():
            click.echo(f"  {table}: {rows:,} rows")
        for line in report.anonymity.lines() if report.anonymity else ():
            click.echo(f"  {line}")
    ctx.exit(int(report.is_held))


@product.command("bundle")
@click.argument("name", metavar="PRODUCT")
@LAKE
@BY
@click.option("--out", type=NEW_FILE, required=True, help="The encrypted tar to write, FILE.tar.age.")
@DEFINITIONS
@LAW
def bundle_product(name: str, root: Path, by: str, out: Path, definitions: Path, law: Path) -> None:
    """Write the current build of PRODUCT as one file that only its recipient can open."""
    from pipelines.lake import Lake
    from pipelines.products import write_bundle

    sealed = write_bundle(Lake(root), _defined(name, definitions, law), out, by=by, on=_today())
    click.echo(f"{out}: {sealed.files} files of {sealed.build_id}, sha256 {sealed.sha256}")


@product.command("rotate-key")
@click.argument("name", metavar="PRODUCT")
@LAKE
@BY
@APPROVED_BY
@REASON
@DEFINITIONS
@LAW
def rotate_key(name: str, root: Path, by: str, approved_by: str, reason: str, definitions: Path, law: Path) -> None:
    """Give PRODUCT a new key: persons have new names from its next build on."""
    from pipelines.defs.locking import sole_writer
    from pipelines.lake import Lake
    from pipelines.products import rotate

    with sole_writer(root):
        done = rotate(Lake(root), _defined(name, definitions, law), by=by, approved_by=approved_by, reason=reason)
    click.echo(f"{name}: key {done.old.fingerprint} gave way to {done.new.fingerprint}; build the product again")


@product.command("crosswalk")
@click.argument("name", metavar="PRODUCT")
@LAKE
@BY
@APPROVED_BY
@REASON
@click.option("--out", type=NEW_FILE, required=True, help="The encrypted CSV to write, FILE.csv.age.")
@DEFINITIONS
@LAW
def crosswalk(
    name: str, root: Path, by: str, approved_by: str, reason: str, out: Path, definitions: Path, law: Path
) -> None:
    """Write which new name stands for which old one, for the persons that the recipient of PRODUCT holds."""
    from pipelines.lake import Lake
    from pipelines.products import write_crosswalk

    defined = _defined(name, definitions, law)
    persons = write_crosswalk(Lake(root), defined, out, by=by, approved_by=approved_by, reason=reason)
    click.echo(f"{out}: {persons:,} persons")


@product.command("withdraw")
@click.argument("name", metavar="PRODUCT")
@LAKE
@BY
@REASON
def withdraw(name: str, root: Path, by: str, reason: str) -> None:
    """Take every build of PRODUCT away; what the recipient has already is for the agreement to settle."""
    from pipelines.audit import record_act
    from pipelines.defs.locking import sole_writer
    from pipelines.lake import Lake
    from pipelines.products import withdraw_builds

    with sole_writer(root):
        count = withdraw_builds(Lake(root), name, "withdrawn")
    record_act(Lake(root), act="product_withdrawn", by=by, subject=name, reason=reason, detail={"builds": count})
    click.echo(f"{name}: {count} builds withdrawn")


def _today() -> date:
    return datetime.now(UTC).date()


def _rulebook(contracts: Path, outcome_contracts: Path, law: Path) -> "Rulebook":
    from pipelines.outcomes import load_measures
    from pipelines.products import Rulebook, load_law
    from pipelines.publish import load_published_contracts
    from schemas.data_contract import load_contracts

    measures = {one.id: one for one in load_measures(outcome_contracts / "measures")}
    return Rulebook(load_contracts(contracts), load_law(law), measures, load_published_contracts())


def _product(name: str, definitions: Path, rulebook: "Rulebook") -> "Product":
    from pipelines.products import product_named

    return product_named(name, definitions, rulebook.published, rulebook.law)


def _defined(name: str, definitions: Path, law: Path) -> "Product":
    from pipelines.products import load_law, product_named
    from pipelines.publish import load_published_contracts

    return product_named(name, definitions, load_published_contracts(), load_law(law))


def _state(lake: "Lake", one: "Product") -> dict[str, object]:
    from pipelines.products.store import HELD, current_build, product_folder

    current = current_build(lake, one.id)
    return {
        "product": one.id,
        "tier": one.tier,
        "agreement": one.agreement.id,
        "has_expired": one.has_expired(_today()),
        "current_build": current.name if current else None,
        "is_held": (product_folder(lake, one.id) / HELD).exists(),
    }
