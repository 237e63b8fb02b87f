"""The delivery of a product: one file, which only its recipient can open."""

from __future__ import annotations

import tarfile
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from pipelines.audit import record_act
from pipelines.errors import ReleaseError
from pipelines.lake import Lake, file_sha256
from pipelines.products.building import verify_build
from pipelines.products.definition import Product
from pipelines.products.encrypting import encrypt_stream
from pipelines.products.store import current_build, read_manifest

SUFFIX = ".tar.age"


@dataclass(frozen=True)
class Bundle:
    """A bundle that was written."""

    build_id: str
    files: int
    sha256: str


def write_bundle(lake: Lake, product: Product, out: Path, *, by: str, on: date) -> Bundle:
    """Write the current build as an encrypted tar; open it with `age -d -i KEY FILE | tar x`.

    Raises:
        ReleaseError: nothing was built, the build is damaged or not of this definition, the agreement is over, or the
            product names no public key.
    """
    build = _whole_build(lake, product)
    if product.has_expired(on):
        raise ReleaseError(f"{product.id}: agreement {product.agreement.id} is not in force on {on}; nothing leaves")
    lake.spill.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryFile(dir=lake.spill) as content:  # on the lake's own protected volume, and without a name
        files = _write_tar(content, build, product)
        content.seek(0)
        encrypt_stream(content, product, out)
    digest = file_sha256(out)
    detail = {"build_id": build.name, "packed_files": files, "sha256": digest}
    record_act(lake, act="product_exported", by=by, subject=product.id, detail=detail)
    return Bundle(build.name, files, digest)


def _whole_build(lake: Lake, product: Product) -> Path:
    build = current_build(lake, product.id)
    if build is None:
        raise ReleaseError(f"{product.id} was not built yet, or was withdrawn; run `countylink product build` first")
    if faults := verify_build(build):
        raise ReleaseError(f"{product.id}: its build is damaged ({faults[0]}); build it again")
    if read_manifest(build)["agreement"]["id"] != product.agreement.id:
        raise ReleaseError(f"{product.id}: its agreement changed since it was built; build it again")
    return build


def _write_tar(content: BinaryIO, build: Path, product: Product) -> int:
    """The files of a build, in order, without owners or times: the same build gives the same bytes."""
    paths = sorted(path for path in build.rglob("*") if path.is_file())
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in paths:
            member = tarfile.TarInfo(f"{product.id}/{path.relative_to(build).as_posix()}")
            member.size, member.mode = path.stat().st_size, 0o600
            with path.open("rb") as file:
                tar.addfile(member, file)
    return len(paths)
