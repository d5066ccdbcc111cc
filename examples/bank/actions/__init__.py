"""The custom actions of the demo bank.

`..._actions.py` holds the actions: they read slots, ask the bank, and set slots. All wording is in the domain.
`ledger.py` and `service_desk.py` are the bank behind them, on the database of `bank_database.py`.
"""
