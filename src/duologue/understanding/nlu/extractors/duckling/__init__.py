"""Numbers, money, dates, times, durations, addresses: read as Duckling reads them."""
