"""Signs and names of currencies, and the ISO codes they stand for."""

CURRENCY_SIGNS: dict[str, str] = {
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₽": "RUB",
    "₺": "TRY",
    "₩": "KRW",
    "₿": "BTC",
}

CURRENCY_WORDS: dict[str, str] = {
    "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "usd": "USD", "dollar": "USD", "dollars": "USD", "buck": "USD", "bucks": "USD", "us$": "USD",
    "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "sterling": "GBP", "pfund": "GBP",
    "chf": "CHF", "franc": "CHF", "francs": "CHF", "franken": "CHF", "fr": "CHF",
    "jpy": "JPY", "yen": "JPY", "inr": "INR", "rupee": "INR", "rupees": "INR", "rs": "INR",
    "sek": "SEK", "nok": "NOK", "dkk": "DKK", "kronor": "SEK", "kroner": "NOK", "pln": "PLN", "zloty": "PLN", "czk": "CZK", "huf": "HUF",
    "aud": "AUD", "cad": "CAD", "nzd": "NZD", "brl": "BRL", "reais": "BRL", "mxn": "MXN", "pesos": "MXN", "cny": "CNY", "yuan": "CNY",
}  # fmt: skip

SMALL_COIN_WORDS = frozenset({"cent", "cents", "penny", "pence", "p", "rappen", "centimes", "centimos"})
