"""Where every test of a module was skipped, CTest is told so: it shows "Skipped", not "Passed"."""

import pytest


def pytest_sessionfinish(session, exitstatus):
    reports = session.config.pluginmanager.get_plugin("terminalreporter").stats
    ran = [kind for kind in ("passed", "failed", "error", "xfailed", "xpassed") if reports.get(kind)]
    if exitstatus == pytest.ExitCode.OK and reports.get("skipped") and not ran:
        session.exitstatus = 77
