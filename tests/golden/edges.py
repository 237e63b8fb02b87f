"""Hand-made lives, each on one edge: what agencies sent of them, as rows in force. Data reach 2026-10-31.

Housed by Just-in-Reach
    sam   in jail on the day of the move-in and on one other day, each from morning to evening; left for another home
    lea   housed on a leap day; booked an hour before the day that ends 24 months
    opa   housed and booked, neither of which ever ended
    dov   died in the fifth month
    tia   moved from one unit to another, five days apart
    ove   held two tenancies at once, and two bookings at once
    jay   in jail over the day that ends the first year
    dst   moved in and was booked and released on nights on which clocks change

Full Service Partnership
    mel   partnership, service, crisis, hospital and jail, each begun and ended on a day
    nil   a partnership that ended on the day it started
    lex   partnered on a leap day, graduated on another day
    ora   partnership and hospital stay that never ended
    ded   died in the second month
    tro   went over from one clinic to another, with a crisis on that day
    oli   enrolled at two clinics at once
    jil   in jail over the end of a quarter, booked again in the last second of the next, and for a violation later
    dus   two crises 24 and a half hours apart by the clock, while the clocks went forward

HMIS
    har   left for a home on a leap day and came back to shelter on the same day
    hop   moved from a rapid re-housing home to a permanent one within two weeks, and stays
    hed   died in a permanent home
    hov   left for a home while another shelter stay went on
"""

from __future__ import annotations

ROWS = {
    "fhsp_tenancy": """
        tenancy_id | client_id | program_code | provider_id | moved_in_on | moved_out_on | move_out_reason_code
        T1         | sam       | JIR          | H1          | 2023-03-10  | 2024-01-31   | PERMANENT_HOUSING
        T2         | lea       | JIR          | H1          | 2024-02-29  |              |
        T3         | opa       | JIR          | H1          | 2025-01-15  |              |
        T4         | dov       | JIR          | H1          | 2023-05-01  | 2023-09-15   | DECEASED
        T5         | tia       | JIR          | H1          | 2023-02-01  | 2023-08-01   | UNIT_TRANSFER
        T6         | tia       | JIR          | H1          | 2023-08-06  |              |
        T7         | ove       | JIR          | H1          | 2023-01-01  | 2024-06-30   | EVICTION
        T8         | ove       | JIR          | H1          | 2024-03-01  | 2024-12-31   | HOMELESS
        T9         | jay       | JIR          | H1          | 2022-01-01  | 2023-04-01   | HOMELESS
        T10        | dst       | JIR          | H1          | 2023-11-05  |              |
    """,
    "sheriff_booking": """
        booking_number | main_number | booked_at           | booking_type_code
        B1             | sam         | 2023-03-10 08:00:00 | NEW_ARREST
        B2             | sam         | 2023-06-01 08:00:00 | NEW_ARREST
        B3             | lea         | 2026-02-28 23:00:00 | NEW_ARREST
        B4             | opa         | 2026-01-10 12:00:00 | NEW_ARREST
        B5             | ove         | 2023-04-01 12:00:00 | NEW_ARREST
        B6             | ove         | 2023-04-05 12:00:00 | NEW_ARREST
        B7             | jay         | 2022-12-20 12:00:00 | NEW_ARREST
        B8             | dst         | 2024-03-09 23:59:59 | NEW_ARREST
        B9             | dst         | 2024-11-03 00:00:00 | NEW_ARREST
        B10            | mel         | 2024-02-01 08:00:00 | NEW_ARREST
        B11            | jil         | 2024-03-30 23:59:59 | NEW_ARREST
        B12            | jil         | 2024-06-30 23:59:59 | NEW_ARREST
        B13            | jil         | 2024-11-05 08:00:00 | PROBATION_VIOLATION
    """,
    "sheriff_release": """
        booking_number | released_at         | release_reason_code
        B1             | 2023-03-10 20:00:00 | OWN_RECOGNIZANCE
        B2             | 2023-06-01 20:00:00 | OWN_RECOGNIZANCE
        B3             | 2026-03-01 01:00:00 | OWN_RECOGNIZANCE
        B5             | 2023-04-10 12:00:00 | OWN_RECOGNIZANCE
        B6             | 2023-04-20 12:00:00 | OWN_RECOGNIZANCE
        B7             | 2023-01-05 12:00:00 | OWN_RECOGNIZANCE
        B8             | 2024-03-10 03:00:00 | OWN_RECOGNIZANCE
        B9             | 2024-11-03 01:30:00 | OWN_RECOGNIZANCE
        B10            | 2024-02-01 20:00:00 | OWN_RECOGNIZANCE
        B11            | 2024-04-02 00:00:00 | OWN_RECOGNIZANCE
        B12            | 2024-07-01 12:00:00 | OWN_RECOGNIZANCE
        B13            | 2024-11-05 20:00:00 | OWN_RECOGNIZANCE
    """,
    "sheriff_charge": """
        charge_id | booking_number | offense_on | charge_class_code
        C1        | B1             | 2023-03-10 | MISDEMEANOR
        C2        | B2             | 2023-06-01 | FELONY
        C3        | B3             | 2026-02-28 | MISDEMEANOR
        C4        | B4             | 2026-01-10 | FELONY
        C5        | B5             | 2023-04-01 | MISDEMEANOR
        C6        | B6             | 2023-04-05 | FELONY
        C7        | B7             | 2022-12-20 | MISDEMEANOR
        C8        | B8             | 2024-03-09 | MISDEMEANOR
        C9        | B9             | 2024-11-02 | MISDEMEANOR
        C10       | B10            | 2024-02-01 | MISDEMEANOR
        C11       | B11            | 2024-03-30 | MISDEMEANOR
        C12       | B12            | 2024-06-30 | MISDEMEANOR
        C13       | B13            | 2024-11-05 | PROBATION_VIOLATION
    """,
    "mental_health_fsp_enrollment": """
        enrollment_id | client_id | provider_id | partnership_started_on | partnership_ended_on | discontinuation_reason_code | focal_crisis_flag
        F1            | mel       | P1          | 2024-01-10             |                      |                             | Y
        F2            | nil       | P1          | 2024-01-10             | 2024-01-10           | LOST_CONTACT                | Y
        F3            | lex       | P1          | 2024-02-29             | 2025-03-31           | MET_GOALS                   | Y
        F4            | ora       | P1          | 2025-10-01             |                      |                             | Y
        F5            | ded       | P1          | 2024-04-01             | 2024-05-16           | DECEASED                    | Y
        F6            | tro       | P1          | 2024-01-01             | 2024-02-15           | MOVED                       | Y
        F7            | tro       | P2          | 2024-02-15             |                      |                             | Y
        F8            | oli       | P1          | 2024-01-01             | 2024-06-30           | PARTNER_DECISION            | Y
        F9            | oli       | P2          | 2024-03-01             |                      |                             | Y
        F10           | jil       | P1          | 2024-01-01             |                      |                             | N
        F11           | dus       | P1          | 2024-01-01             |                      |                             | Y
    """,  # noqa: E501 (a literal table)
    "mental_health_service": """
        service_id | client_id | provider_id | served_on  | mode_code | service_function_code
        S1         | mel       | P1          | 2024-01-10 | 15        | 30
        S2         | lex       | P1          | 2024-03-29 | 15        | 30
        S3         | lex       | P1          | 2024-06-01 | 15        | 30
        S4         | lex       | P1          | 2024-12-01 | 15        | 30
        S5         | ora       | P1          | 2025-10-31 | 15        | 30
        S6         | ded       | P1          | 2024-04-30 | 15        | 30
        S7         | tro       | P2          | 2024-02-15 | 15        | 30
        S8         | oli       | P2          | 2024-06-30 | 15        | 30
        S9         | dus       | P1          | 2024-03-31 | 15        | 30
        S10        | dus       | P1          | 2024-04-01 | 15        | 30
    """,
    "mental_health_crisis_encounter": """
        crisis_id | client_id | arrived_at          | departed_at         | mode_code | service_function_code
        X1        | mel       | 2024-01-10 09:00:00 | 2024-01-10 21:00:00 | 10        | 20
        X2        | ded       | 2024-05-15 09:00:00 | 2024-05-15 21:00:00 | 10        | 20
        X3        | tro       | 2024-02-15 00:00:00 | 2024-02-15 21:00:00 | 10        | 20
        X4        | dus       | 2024-03-09 01:30:00 | 2024-03-09 02:30:00 | 10        | 20
        X5        | dus       | 2024-03-10 03:00:00 | 2024-03-10 04:00:00 | 10        | 20
        X6        | dus       | 2024-04-01 00:00:00 | 2024-04-01 01:00:00 | 10        | 20
        X7        | lex       | 2025-03-31 23:00:00 | 2025-03-31 23:59:59 | 10        | 20
    """,
    "mental_health_inpatient_stay": """
        stay_id | client_id | facility_type_code | admitted_on | discharged_on
        I1      | mel       | acute_psych_county | 2024-01-20  | 2024-01-20
        I2      | ora       | acute_psych_county | 2026-09-21  |
        I3      | lex       | state_hospital     | 2024-02-28  | 2024-03-01
    """,
    "mental_health_fsp_key_event": """
        key_event_id | enrollment_id | client_id | event_on   | event_type_code | residential_setting_code
        K1           | F1            | mel       | 2024-03-31 | RESIDENTIAL     | house_apartment_alone
        K2           | F6            | tro       | 2024-02-15 | RESIDENTIAL     | homeless_unsheltered
        K3           | F10           | jil       | 2024-03-30 | RESIDENTIAL     | jail
        K4           | F10           | jil       | 2024-04-02 | RESIDENTIAL     | house_apartment_alone
        K5           | F5            | ded       | 2024-04-01 | RESIDENTIAL     | house_apartment_alone
    """,
    "hmis_project": """
        ProjectID | OrganizationID | ProjectType
        shelter   | org            | 0
        psh       | org            | 3
        rrh       | org            | 13
    """,
    "hmis_enrollment": """
        EnrollmentID | PersonalID | ProjectID | HouseholdID | EntryDate  | MoveInDate
        E1           | har        | shelter   | h1          | 2024-01-10 |
        E2           | har        | shelter   | h2          | 2024-02-29 |
        E3           | hop        | rrh       | h3          | 2024-01-10 | 2024-02-01
        E4           | hop        | psh       | h4          | 2024-05-10 | 2024-05-12
        E5           | hed        | psh       | h5          | 2022-01-01 | 2022-01-01
        E6           | hov        | shelter   | h6          | 2024-04-01 |
        E7           | hov        | shelter   | h7          | 2024-05-15 |
    """,
    "hmis_exit": """
        ExitID | EnrollmentID | ExitDate   | Destination
        E1x    | E1           | 2024-02-29 | 410
        E3x    | E3           | 2024-05-01 | 410
        E5x    | E5           | 2026-02-01 | 24
        E6x    | E6           | 2024-06-01 | 435
        E7x    | E7           | 2024-07-01 | 116
    """,
}

TENANTS = ("sam", "lea", "opa", "dov", "tia", "ove", "jay", "dst")
MEMBERS = ("mel", "nil", "lex", "ora", "ded", "tro", "oli", "jil", "dus")
HOMELESS = ("har", "hop", "hed", "hov")
LIVES = (*TENANTS, *MEMBERS, *HOMELESS)
"""Person 1 is the first of them."""

CLIENTS = (
    *((agency, name, LIVES.index(name) + 1, True) for name in TENANTS for agency in ("fhsp", "sheriff")),
    *((agency, name, LIVES.index(name) + 1, True) for name in MEMBERS for agency in ("mental_health", "sheriff")),
    *(("hmis", name, LIVES.index(name) + 1, True) for name in HOMELESS),
)
