"""How often each command was understood, as a self-contained SVG of bars."""

from xml.sax.saxutils import escape

from duologue.testing.e2e.coverage import Coverage

_LEFT = 190
_WIDEST_BAR = 420
_ROW = 30
_HEAD = 64

_STYLE = """\
svg { --page: #ffffff; --ink: #1f2328; --faint: #59636e; --passed: #2da44e; --failed: #cf222e; }
@media (prefers-color-scheme: dark) {
  svg { --page: #0d1117; --ink: #e6edf3; --faint: #9198a1; --passed: #3fb950; --failed: #f85149; } }
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--ink); }
.head { font-size: 15px; font-weight: 600; }
.faint { font-size: 11px; fill: var(--faint); }
.name { text-anchor: end; }
.page { fill: var(--page); }
.passed { fill: var(--passed); }
.failed { fill: var(--failed); opacity: .85; }"""


def draw_commands(coverage: Coverage) -> str:
    """A pair of bars for each command, in tests that passed and in those that did not."""
    totals = {
        name: coverage.commands_in_passed.get(name, 0) + coverage.commands_in_failed.get(name, 0)
        for name in (*coverage.commands_in_passed, *coverage.commands_in_failed)
    }
    names = sorted(totals, key=lambda name: (-totals[name], name))
    most = max(totals.values(), default=1)
    width, height = _LEFT + _WIDEST_BAR + 70, _HEAD + _ROW * max(1, len(names)) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}">',
        "<title>Commands understood in the tests</title>",
        f"<style>\n{_STYLE}\n</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
        '<text class="head" x="24" y="28">Commands understood in the tests</text>',
        '<rect class="passed" x="24" y="40" width="18" height="10"/><text class="faint" x="48" y="49">in tests'
        ' that passed</text><rect class="failed" x="190" y="40" width="18" height="10"/><text class="faint"'
        ' x="214" y="49">in tests that did not</text>',
    ]
    for number, name in enumerate(names):
        y = _HEAD + number * _ROW
        passed = coverage.commands_in_passed.get(name, 0) * _WIDEST_BAR / most
        failed = coverage.commands_in_failed.get(name, 0) * _WIDEST_BAR / most
        parts += [
            f'<text class="name" x="{_LEFT - 10}" y="{y + 19}">{escape(name)}</text>',
            f'<rect class="passed" x="{_LEFT}" y="{y + 6}" width="{passed:.1f}" height="18"/>',
            f'<rect class="failed" x="{_LEFT + passed:.1f}" y="{y + 6}" width="{failed:.1f}" height="18"/>',
            f'<text class="faint" x="{_LEFT + passed + failed + 6:.1f}" y="{y + 19}">{totals[name]}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
