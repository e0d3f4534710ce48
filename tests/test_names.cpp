#include "text/names.hpp"

#include <doctest/doctest.h>

using namespace venv::detail;

TEST_CASE("names: what an interpreter is called in some Python's environment") {
  for (const char* name :
       {"python", "python3", "python3.12", "python3.13t", "python3.14d", "python3.13td", "pypy",
        "pypy3", "pypy3.10", "graalpy", "graalpy3.11", "python.exe", "pythonw.exe", "Python3",
        "python_d.exe", "\xF0\x9D\x9C\x8Bthon"}) {
    CAPTURE(name);
    CHECK(is_interpreter_name(name));
    CHECK(is_reserved_name(name));
  }
  for (const char* name :
       {"python3-config", "pythonista", "pip", "pypython", "ipython", "python3.", "xpython", ""}) {
    CAPTURE(name);
    CHECK_FALSE(is_interpreter_name(name));
  }
}

TEST_CASE("names: activation scripts of every maker and shell") {
  for (const char* name : {"activate", "activate.fish", "Activate.ps1", "deactivate.bat",
                           "activate_this.py", "activate.ps1", "deactivate.nu"}) {
    CAPTURE(name);
    CHECK(is_activation_name(name));
    CHECK(is_reserved_name(name));
  }
  for (const char* name : {"activator", "conda-activate", "reactivate.sh"}) {
    CAPTURE(name);
    CHECK_FALSE(is_activation_name(name));
  }
}

TEST_CASE("names: pip's own scripts") {
  for (const char* name :
       {"pip", "pip3", "pip3.12", "pip-3.12", "easy_install", "easy_install-3.8", "PIP.exe"}) {
    CAPTURE(name);
    CHECK(is_pip_name(name));
  }
  for (const char* name : {"pipx", "pip-compile", "pipenv", "mypip"}) {
    CAPTURE(name);
    CHECK_FALSE(is_pip_name(name));
  }
}
