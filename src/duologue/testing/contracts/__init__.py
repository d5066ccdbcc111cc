"""The promise of each port as a suite: derive a class, give it the fixture it names, and pytest does the rest.

The suites need pytest and pytest-asyncio. For readable failures, put
`pytest.register_assert_rewrite("duologue.testing.contracts")` into a `conftest.py`.
"""
