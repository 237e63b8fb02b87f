"""A lake with a handful of literal rows in each table that a release is drawn from."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import duckdb

from pipelines.ingest import Problem
from pipelines.lake import Lake
from pipelines.operations.state import write_state
from pipelines.validate import Receipt, TableCounts
from pipelines.validate.receipts import write_receipt
from schemas.data_contract import DataContracts, load_contracts

TABLES = {
    "standard.clients": """
        select * from (values
            (1, 'sheriff', 'S1', 'F', 'black', date '1980-05-01', true),
            (2, 'health', 'H1', 'F', 'unknown', date '1980-05-01', true),
            (3, 'hmis', 'M1', 'M', 'black', date '1981-05-01', true),
            (4, 'health', 'H2', null, 'white', date '1920-01-01', true),
            (5, 'hmis', 'M2', null, 'unknown', null, false)
        ) as t (client_key, agency, client_id, sex_code, race_ethnicity_code, birth_on, is_linkable)""",
    "person_index.person_of_client": """
        select * from (values (1, 'sheriff', 'S1', 11), (2, 'health', 'H1', 11), (3, 'hmis', 'M1', 11),
            (4, 'health', 'H2', 12), (5, 'hmis', 'M2', 13)) as t (client_key, agency, client_id, person_id)""",
    "person_index.linkage_by_group": """
        select cut_code, cut_value, clients, clients as linkable_clients, linked_clients, 0.0 as unlinkable_share,
            20.0 as mean_confidence, 0.01 as doubtful_share, 40 as labelled_pairs,
            linked_clients / clients as linked, 0.1 as linked_lower, 0.9 as linked_upper,
            0.99 as expected_precision, 0.98 as expected_precision_lower, 1.0 as expected_precision_upper,
            0.97 as expected_recall, 0.96 as expected_recall_lower, 0.98 as expected_recall_upper,
            case when linked_clients >= 120 then 0.953 end as labelled_precision,
            labelled_precision - 0.02 as labelled_precision_lower,
            labelled_precision + 0.02 as labelled_precision_upper,
            null::double as labelled_recall, null::double as labelled_recall_lower,
            null::double as labelled_recall_upper, 10 as labels_set_aside,
            if(labelled_precision is null, 'model', 'labels') as precision_source, 'model' as recall_source
        from (values ('all', 'all', 300, 200), ('agency', 'sheriff', 180, 120), ('agency', 'health', 112, 75),
            ('agency', 'hmis', 8, 5), ('agency_pair', 'health+sheriff', 292, 150),
            ('agency_pair', 'hmis+sheriff', 188, 90),
            ('sex', 'F', 140, 100), ('sex', 'M', 160, 100)) as t (cut_code, cut_value, clients, linked_clients)""",
    "person_index.linkage_figures": """
        select figure_code, part_code, value, null::bigint as whole
        from (values ('links_by_weight', '00', 4), ('links_by_weight', '20', 50), ('links_by_weight', '24', 60),
            ('clusters_by_size', '01', 100), ('clusters_by_size', '02', 40), ('clusters_by_size', '05', 9),
            ('clusters_by_size', '06-10', 6), ('largest_cluster', 'clients', 7), ('links_by_rule', 'same_ssn', 90),
            ('links_by_rule', 'same_birth_date', 24), ('placeholders', 'ssn: not_issuable', 30)
        ) as t (figure_code, part_code, value)""",
    "standard.data_through": """
        select 'sheriff' as agency, date '2026-10-31' as data_through_on, date '2026-11-01' as latest_as_of_on,
            'sheriff_20261101_r1_aaaaaaaaaaaa' as latest_delivery_id""",
    "standard.providers": """
        select 'P1' as provider_id, '<A> & Co' as provider_name, 'SPA1' as service_area_code""",
    "outcomes.person_measures": """
        select 'jail_return' as measure_id, '1.0' as definition_version, 11 + i % 2 as person_id,
            case when i < 30 then 'P1' when i < 55 then 'P2' else 'P3' end as provider_id, 'JIR' as program_code,
            if(i < 40, '2025Q1', '2025Q2') as period, date '2025-01-01' + i::integer as index_on,
            date '2026-01-01' + i::integer as window_end_on,
            if(i < 15 or i between 43 and 54 or i > 56, 'met', 'not_met') as status_code,
            if(i < 15 or i between 43 and 54 or i > 56, 1.0, 0.0) as numerator,
            null::double as person_time, null::varchar as flags
        from range(60) as t (i)""",
    "outcomes.measure_results": """
        select 'jail_return' as measure_id, '1.0' as definition_version, 'Returns to jail' as title, cut_code,
            cut_value, period, n, numerator, null::double as person_time, 0 as censored, 0 as immature, 0 as unknown,
            0 as excluded, numerator / n as estimate, numerator / n - 0.1 as lower, numerator / n + 0.1 as upper,
            'wilson' as interval_method, 'share of persons' as unit, date '2026-10-31' as data_through_on,
            '2026.11.2 0123456789ab' as link_version, '' as excluded_by_reason
        from (values
            ('all', 'all', null, 60, 30.0), ('all', 'all', '2025Q1', 40, 15.0), ('all', 'all', '2025Q2', 20, 15.0),
            ('provider', 'P1', null, 30, 15.0), ('provider', 'P2', null, 25, 12.0), ('provider', 'P3', null, 5, 3.0)
        ) as t (cut_code, cut_value, period, n, numerator)""",
    "outcomes.measure_uncertainty": """
        select 'jail_return' as measure_id, cut_code, cut_value, period, 0.01 as lower_total, 0.99 as upper_total,
            0.02 as link_error
        from (values ('all', 'all', null), ('provider', 'P1', null), ('provider', 'P3', null))
            as t (cut_code, cut_value, period)""",
    "outcomes.measure_definitions": """
        select 'jail_return' as measure_id, '1.0' as definition_version, 'Returns to jail' as title,
            'proportion' as kind,
            'share of persons' as unit, 'text' as text, 'those back in jail' as numerator, 'those placed'
            as denominator, 'none' as person_time, '12 months' as "window", '' as exclusions,
            'sheriff' as needs_agencies, 'BSCC' as source, true as is_published""",
    "contracts.statement_line_payers": """
        select * from (values ('a', 'county', 60.25::decimal(18, 2)), ('a', 'state', 40.00::decimal(18, 2)),
            ('b', 'county', 100.25::decimal(18, 2))) as t (line_id, payer_id, amount_usd)""",
    "quarantine.ledger": """
        select 'sheriff' as agency, 'sheriff_20261101_r1_aaaaaaaaaaaa' as delivery_id, 'booking' as table_name,
            'released_at' as column_name, 'released_at.not_a_timestamp' as rule_id, 'send a time that exists' as mend,
            date '2026-11-01' as as_of_on, 'accepted' as delivery_status_code, 'booking.csv' as file_name,
            range as line_number, null::varchar as key_hash, 'open' as status_code,
            null::varchar as closed_by_delivery_id, null::date as closed_on, null::varchar as closed_because_code
        from range(12)""",
    "contracts.statement_lines": """
        select if(person_id = 11, 'a', 'b') as line_id, 'jir' as contract_id,
            'milestone_6' as clause_id, '2026Q1' as period, person_id,
            null::varchar as provider_id, date '2025-01-01' as index_on,
            1.0 as quantity, 'milestone' as unit, 100.25 as price_usd, 100.25::decimal(18, 2) as amount_usd
        from (values (11), (12)) as t (person_id)""",
}


def fake_lake(root: Path) -> Lake:
    """A lake under `root` with every table of `TABLES`."""
    lake = Lake(root)
    write_state(lake)
    with duckdb.connect() as connection:
        for name, rows in TABLES.items():
            zone, table = name.split(".")
            lake.write(zone, table, connection.sql(rows))
    return lake


def receipt(
    agency: str, as_of: date, *, status: str = "accepted", revision: int = 1, rules: tuple[str, ...] = ()
) -> Receipt:
    """A delivery's receipt with one table of ten rows, eight of them accepted."""
    return Receipt(
        agency=agency,
        as_of=as_of,
        revision=revision,
        delivery_id=f"{agency}_{as_of:%Y%m%d}_r{revision}_aaaaaaaaaaaa",
        status=status,
        tables={} if status == "held" else {"person": TableCounts(rows_in=10, accepted=8, quarantined=1, superseded=1)},
        is_hashed=False,
        data_through=None,
        warnings=(),
        checked_under="",
        held=tuple(Problem(rule, "person.csv", "", "send it again") for rule in rules),
    )


@cache
def shipped_contracts() -> DataContracts:
    """The shipped data contracts, read once."""
    return load_contracts()


def write_receipts(lake: Lake) -> None:
    """Leave the receipt of one accepted delivery in the lake, where the stages look for it."""
    one = receipt("sheriff", date(2026, 11, 1))
    folder = one.folder(lake)
    folder.mkdir(parents=True)
    write_receipt(one, folder)
