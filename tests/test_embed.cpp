#include "api/embedding.hpp"
#include "cache/answer.hpp"
#include "create/env_builder.hpp"
#include "python/probe_answer.hpp"
#include "use/embed.hpp"
#include "use/environment.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

namespace {

namespace fs = std::filesystem;
using support::TemporaryDirectory;

} // namespace

TEST_CASE("embed: an answer that was remembered in an older form is asked for anew") {
  const TemporaryDirectory tmp;
  venv::Options options;
  options.python = fs::canonical(support::any_python).string();
  options.symlinks = true;
  options.cache_dir = tmp / "cache";
  venv::create(tmp / "env", options);
  const venv::Environment environment = venv::Environment::open(tmp / "env");
  const std::string suffix = environment.embed(options).extension_suffix;
  CHECK(suffix.find(".so") != std::string::npos);

  int remembered = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(tmp / "cache")) {
    if (entry.path().filename().string().substr(0, 7) != "python-") continue;
    auto answer = venv::detail::parse_answer(support::get(entry.path()));
    REQUIRE(answer);
    const auto begin = venv::detail::answer_begin;
    REQUIRE(answer->identity.compare(0, begin.size(), begin) == 0);
    answer->identity.erase(0, begin.size()); // as it was when there were no numbers in it
    for (std::string& field : answer->fields)
      if (field.find("extension_suffix=") == 0) field = "extension_suffix=old";
    support::put(entry.path(), venv::detail::format_answer(*answer));
    ++remembered;
  }
  CHECK(remembered > 0);
  CHECK(environment.embed(options).extension_suffix == suffix);
}

TEST_CASE("embed: a Python that was moved has its library and headers where they are now") {
  const TemporaryDirectory tmp;
  venv::Interpreter python;
  python.base_prefix = tmp / "moved";
  python.version = {3, 13, 1};
  python.abi_flags = "t";
  python.library = "/install/lib/libpython3.13t.so.1.0";
  python.include_dir = "/install/include/python3.13t";
  CHECK(venv::detail::embedding_of(python).library.empty());
  CHECK(venv::detail::embedding_of(python).include_dir.empty());
  const fs::path library = support::put(tmp / "moved/lib/libpython3.13t.so.1.0", "");
  const fs::path header = support::put(tmp / "moved/include/python3.13t/Python.h", "");
  const venv::Embedding embedding = venv::detail::embedding_of(python);
  CHECK(embedding.library == library);
  CHECK(embedding.is_shared);
  CHECK(embedding.include_dir == header.parent_path());
  python.library = support::put(tmp / "moved/libs/libpython3.13t.a", "");
  CHECK_FALSE(venv::detail::embedding_of(python).is_shared);
}
