"""A fifth agency is added by writing a contract, and no code: its clients are validated, standardised and linked."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from tests.pipeline.counties import CONTRACTS, NIGHTS, Place

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: probation.client
name: Probation clients
version: 1.0.0
status: active
domain: probation
dataProduct: countylink
description: {purpose: Says who is on probation, usage: Read by Countylink to link clients across agencies.}
team: {name: "team:probation-data"}
support:
  - {channel: probation-data-steward, tool: email, scope: issues}
slaProperties:
  - {property: frequency, value: 1, unit: d, schedule: "0 2 * * *", scheduler: cron, valueExt: America/Los_Angeles}
  - {property: latency, value: 36, unit: h}
customProperties:
  - {property: legalBasis, value: County data-sharing agreement}
  - {property: legalRegimes, value: [cori_research]}
  - {property: agreementId, value: DSA-PROBATION-01}
  - {property: permittedPurposes, value: [outcome measurement]}
  - {property: prohibitedPurposes, value: [decisions about one person]}
  - {property: accessTier, value: identified}
  - {property: retentionDays, value: 2557}
schema:
  - name: client
    logicalType: object
    physicalType: file
    description: Everyone on probation.
    dataGranularityDescription: one row per probation number
    properties:
      - name: probation_number
        description: Probation's number of a person.
        logicalType: string
        required: true
        primaryKey: true
        primaryKeyPosition: 1
        classification: direct_identifier
        customProperties: [{property: linkageRole, value: client_id}]
      - name: given_name
        description: First name.
        logicalType: string
        classification: direct_identifier
        customProperties: [{property: linkageRole, value: first_name}]
      - name: family_name
        description: Last name.
        logicalType: string
        classification: direct_identifier
        customProperties: [{property: linkageRole, value: last_name}]
      - name: born
        description: Birth date.
        logicalType: date
        classification: direct_identifier
        customProperties: [{property: linkageRole, value: birth_date}]
      - name: social_security_number
        description: Social security number.
        logicalType: string
        classification: direct_identifier
        customProperties: [{property: linkageRole, value: ssn}]
      - name: gender
        description: Sex as recorded.
        logicalType: string
        classification: quasi_identifier
        customProperties:
          - {property: linkageRole, value: sex}
          - {property: codes, value: {W: woman, M: man, U: unknown}}
          - {property: standardCodes, value: {W: F, M: M, U: null}}
    customProperties:
      - {property: fileNames, value: [probationers.csv]}
      - {property: semantics, value: full}
      - {property: requiredTable, value: true}
      - {property: maxBadRowShare, value: 0.02}
      - {property: dataThrough, value: {lagDays: 1}}
"""

HEADER = ("given_name", "family_name", "gender", "born", "social_security_number", "probation_number")
GENDERS = {"F": "W", "M": "M", "U": "U"}


def test_a_fifth_agency_is_linked_by_its_contract_alone(nightly: Place, tmp_path: Path) -> None:
    place = nightly.copy(tmp_path / "copy")
    place.contracts = tmp_path / "contracts"
    shutil.copytree(CONTRACTS, place.contracts)
    folder = place.contracts / "incoming" / "probation"
    folder.mkdir()
    (folder / "client.odcs.yaml").write_text(CONTRACT)
    sent = deliver(place)
    place.run_up_to_link()
    ((clients,),) = place.query("select count(*) from standard.clients where agency = 'probation' and is_linkable")
    assert clients == sent
    ((together,),) = place.query(
        """
        select count(distinct mine.client_key)
        from linked.clusters as mine
        inner join standard.clients as me on mine.client_key = me.client_key and me.agency = 'probation'
        inner join linked.clusters as theirs on mine.cluster_id = theirs.cluster_id
        inner join standard.clients as they on theirs.client_key = they.client_key and they.agency = 'sheriff'
        where substr(me.client_id, 2) = they.client_id
        """
    )
    assert together > 0.9 * sent


def deliver(place: Place) -> int:
    """Every fifth person of the jail is on probation, under a number and a file of probation's own."""
    source = place.landing / "sheriff" / NIGHTS[0] / "person.csv"
    with source.open(newline="", encoding="utf-8") as file:
        known = [row for row in csv.DictReader(file) if row["ssn"] and row["birth_date"] and row["first_name"]][::5]
    target = place.landing / "probation" / NIGHTS[1]
    target.mkdir(parents=True)
    with (target / "probationers.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for row in known:
            who = (row["first_name"], row["last_name"], GENDERS[row["sex_code"] or "U"], row["birth_date"], row["ssn"])
            writer.writerow((*who, "P" + row["main_number"]))
    return len(known)
