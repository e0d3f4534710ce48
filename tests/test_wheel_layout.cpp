#include "package/wheel_layout.hpp"

#include "support_files.hpp"
#include "support_packages.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace venv::detail;

namespace {

WheelPlaces places() {
  return {"lib/python3.13/site-packages", "lib64/python3.13/site-packages", "bin",
          "include/site/python3.13/demo", ""};
}

} // namespace

TEST_CASE("wheel layout: paths as RECORD has them") {
  const std::string library = "lib/python3.13/site-packages";
  CHECK(record_path(library + "/a/b.py", library) == "a/b.py");
  CHECK(record_path("bin/x", library) == "../../../bin/x");
  CHECK(record_path("lib64/python3.13/site-packages/x.so", library) ==
        "../../../lib64/python3.13/site-packages/x.so");
  CHECK(record_path("lib/python3.13/x", library) == "../x");
  CHECK(record_path("lib/python3.13/site-packages2/x", library) == "../site-packages2/x");
}

TEST_CASE("wheel layout: scripts that pip writes anew") {
  Scripts scripts;
  scripts.console = {{"demo", "demo", "main"}};
  scripts.gui = {{"window", "demo", "main"}};
  for (const char* name : {"demo", "demo.exe", "demo.EXE", "demo-script.py", "window.pya"})
    CHECK(is_wrapper(name, scripts));
  for (const char* name : {"Demo", "demo.py", "demo2", "demo-script.pyw", "other"})
    CHECK_FALSE(is_wrapper(name, scripts));
  CHECK(names_no_interpreter("#!pythonw -E\n"));
  CHECK_FALSE(names_no_interpreter("#! python\n"));
  CHECK(with_interpreter("#!python -E\r\nx\n", "/p y", "\n") == "#!/p y\nx\n");
  CHECK(with_interpreter("#!python", "/p", "\n") == "#!/p\n");
}

TEST_CASE("wheel layout: each scheme has its place, and the rows of RECORD follow") {
  const support::TemporaryDirectory tmp;
  support::TestWheel demo{"demo", "1.0", {{"demo.py", "x\n"}}};
  const std::string data = "demo-1.0.data/";
  for (const char* name :
       {"purelib/p.py", "platlib/n.so", "headers/h.h", "data/share/d", "scripts/s"})
    demo.files.push_back({data + name, name});
  const auto layout = [&](bool is_purelib) {
    demo.is_purelib = is_purelib;
    const std::string bytes = support::get(support::put_wheel(tmp.path(), demo));
    const Wheel wheel(bytes, "demo-1.0-py3-none-any.whl", wheel_limits(false), WheelKind::any);
    const WheelLayout found = layout_of(wheel, places());
    std::string text;
    for (const RecordRow& row : installed_rows(wheel, found, {{"../../../bin/s", "new", "9"}}))
      if (row.path.find("dist-info") == row.path.npos)
        text += row.path + (row.hash == "new" ? "!" : "") + '\n';
    return text;
  };
  CHECK(layout(true) == "demo.py\np.py\n../../../lib64/python3.13/site-packages/n.so\n"
                        "../../../include/site/python3.13/demo/h.h\n../../../share/d\n"
                        "../../../bin/s!\n");
  CHECK(layout(false) == "demo.py\n../../../lib/python3.13/site-packages/p.py\nn.so\n"
                         "../../../include/site/python3.13/demo/h.h\n../../../share/d\n"
                         "../../../bin/s!\n");
}

TEST_CASE("wheel layout: RECORD is sorted by its fields, not by its lines") {
  CHECK(format_record({{"a,b", "h", "1"}, {"a+", "h", "1"}, {"a", "h", "1"}, {"a", "", ""}}) ==
        "a,,\r\na,h,1\r\na+,h,1\r\n\"a,b\",h,1\r\n");
}
