"""One folder per port, one adapter per technology; third-party drivers are imported only in here."""
