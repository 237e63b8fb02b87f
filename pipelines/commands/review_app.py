"""`countylink review serve` and `countylink review user`: the app for reviewers, and who may use it."""

from pathlib import Path

import click

from pipelines.commands.options import EXISTING_FILE, LAKE
from pipelines.errors import LakeError

NAME = click.argument("name")


@click.command()
@LAKE
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; others need a proxy.")
@click.option("--port", default=8420, show_default=True, type=click.IntRange(1, 65535))
@click.option("--trust-header", metavar="NAME", help="Header in which a trusted proxy names who is signed in.")
@click.option("--trusted-proxy", metavar="ADDR", help="The proxy's address; no other is answered then.")
@click.option("--public-origin", default="", metavar="URL", help="The https address by which people reach the proxy.")
@click.option("--terms", type=EXISTING_FILE, help="Limits, times and shares; default: shipped.")
def serve(
    root: Path,
    host: str,
    port: int,
    trust_header: str | None,
    trusted_proxy: str | None,
    public_origin: str,
    terms: Path | None,
) -> None:
    """Serve the review app: reviewers decide on doubtful pairs in a browser; the next run keeps to it."""
    from pipelines.lake import Lake
    from pipelines.review_app import Address, Proxy
    from pipelines.review_app import serve as serve_app
    from pipelines.review_app.terms import SHIPPED, load_terms

    if bool(trust_header) != bool(trusted_proxy):
        raise click.UsageError("--trust-header and --trusted-proxy go together: a header is believed of one address")
    proxy = Proxy(trust_header, trusted_proxy) if trust_header and trusted_proxy else None
    serve_app(Lake(root), Address(host, port, public_origin), proxy, load_terms(terms or SHIPPED), click.echo)


@click.group()
def user() -> None:
    """Say who may use the review app, and as what."""


@user.command()
@LAKE
@NAME
@click.option("--role", type=click.Choice(["reviewer", "adjudicator", "supervisor", "administrator"]), required=True)
@click.option("--without-password", is_flag=True, help="For those who come in through a trusted proxy.")
def add(root: Path, name: str, role: str, without_password: bool) -> None:
    """Give somebody an account; asks for the password twice."""
    from pipelines.lake import Lake
    from pipelines.review_app.terms import load_terms
    from pipelines.review_app.users import add_user

    add_user(Lake(root), name, role, None if without_password else _asked_password(), load_terms())
    click.echo(f"{name} may use the review app as {role}")


@user.command()
@LAKE
@NAME
def password(root: Path, name: str) -> None:
    """Give a user another password."""
    from pipelines.lake import Lake
    from pipelines.review_app.terms import load_terms
    from pipelines.review_app.users import set_password

    set_password(Lake(root), name, _asked_password(), load_terms())
    click.echo(f"{name} has another password")


@user.command()
@LAKE
@NAME
@click.option("--again", is_flag=True, help="Let somebody in again who was kept out.")
def disable(root: Path, name: str, again: bool) -> None:
    """Keep a user out, from the next click on; what they said stays."""
    from pipelines.lake import Lake
    from pipelines.review_app.users import set_disabled

    set_disabled(Lake(root), name, is_disabled=not again)
    click.echo(f"{name} {'may use the review app again' if again else 'is kept out of the review app'}")


@user.command("list")
@LAKE
def list_users(root: Path) -> None:
    """Show every account; no password is shown, for none is known."""
    from pipelines.lake import Lake
    from pipelines.review_app.users import read_users

    for one in read_users(Lake(root)).values():
        ways = "password" if one.password else "proxy only"
        click.echo(f"{one.name:<24}{one.role:<14}{'disabled' if one.is_disabled else ways}")


def _asked_password() -> str:
    """A password typed twice, or given on standard input; never on the command line, which others can read."""
    given: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if given != given.strip():
        raise LakeError("a password does not begin or end with a space: it would not survive being noted")
    return given
