"""The files of the demo page, as they ship with the package."""

from pathlib import Path

PAGES = Path(__file__).parent / "pages"
PAGE_FILES = frozenset({"index.html", "page.css", "page.js", "icon.svg"})

# Everything comes from this server; only pictures that an assistant shows may come from elsewhere.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: https: http:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)


def find_page_file(name: str) -> Path:
    return PAGES / name


def page_headers() -> dict[str, str]:
    return {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
        "Vary": "Accept",
    }
