"""How data moves, one package a stage, in this order:

    ingest        deliveries as text, exactly as sent                         → raw/
    validate      typed rows, or refused with column, rule and mend           → validated/ quarantine/
    standardise   one table of clients, one of identities, events             → standard/
    link          scored pairs and clusters                                   → linked/
    person_index  ids that stay, and the ledger that explains them            → person_index/
    episodes      merged, de-duplicated spells                                → episodes/
    outcomes      person × measure, aggregates with intervals                 → outcomes/
    contracts     what the outcomes contracts pay                             → contracts/
    publish       a release: whole or absent                                  → published/
    reports       drawn from a release only                                   → published/…/report/

`underwriting` stands between contracts and publish and writes to no zone: what a contract may come to pay, on demand.
`trace` walks a published number back to persons and rows, and `audit` is the log of who looked and who changed.
`review` and `review_app` ask people about pairs of clients; what they say lies in decisions/, and no run clears it.

A stage imports only what stands before it. `defs/` is the Dagster shell around the stages, one file each; every stage
runs, and is tested, without it. Between stages there is Parquet (`lake.py`), and SQL in `.sql` files (`sql.py`).
`comparison` is no stage of a night: it reads the episodes when somebody asks.
"""
