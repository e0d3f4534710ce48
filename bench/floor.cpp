// The floor: what the system takes for the same files, made by a program that does nothing else.
//
//   floor copy SOURCE DIR...   makes each DIR with SOURCE's directories, links and files, their bytes from memory
//   floor link SOURCE DIR...   the same with hard links to SOURCE's files
//
// As many threads as there are processors; no times or modes are set, nothing is checked. The bytes are
// read beforehand. Prints the milliseconds for each DIR.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace {

struct File {
  std::string source, name, bytes;
};

struct Tree {
  std::vector<std::string> directories;
  std::vector<std::pair<std::string, std::string>> links;
  std::vector<File> files; ///< those of one directory beside each other
};

[[noreturn]] void fail(const std::string& what) {
  std::perror(("floor: " + what).c_str());
  std::exit(1);
}

Tree read_tree(const fs::path& source, bool with_bytes) {
  Tree tree;
  std::vector<fs::path> left{{}};
  while (!left.empty()) {
    const fs::path directory = left.back();
    left.pop_back();
    if (!directory.empty()) tree.directories.push_back(directory.string());
    std::vector<fs::directory_entry> entries{fs::directory_iterator(source / directory), {}};
    std::sort(entries.begin(), entries.end());
    for (const fs::directory_entry& entry : entries) {
      const fs::path name = directory / entry.path().filename();
      if (entry.is_symlink()) {
        tree.links.push_back({fs::read_symlink(entry.path()).string(), name.string()});
      } else if (entry.is_directory()) {
        left.push_back(name);
      } else {
        std::string bytes;
        if (with_bytes) {
          std::ifstream in(entry.path(), std::ios::binary);
          bytes.assign(std::istreambuf_iterator<char>(in), {});
        }
        tree.files.push_back({entry.path().string(), name.string(), std::move(bytes)});
      }
    }
  }
  return tree;
}

void copy_file(int directory, const File& file) {
  const int out =
      ::openat(directory, file.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (out < 0) fail(file.name);
  if (::write(out, file.bytes.data(), file.bytes.size()) != static_cast<ssize_t>(file.bytes.size()))
    fail(file.name);
  ::close(out);
}

void make(const Tree& tree, const char* target, bool links) {
  if (::mkdir(target, 0777) != 0) fail(target);
  const int directory = ::open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) fail(target);
  for (const std::string& name : tree.directories)
    if (::mkdirat(directory, name.c_str(), 0777) != 0) fail(name);
  for (const auto& [to, name] : tree.links)
    if (::symlinkat(to.c_str(), directory, name.c_str()) != 0) fail(name);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    constexpr std::size_t batch = 16;
    for (std::size_t at; (at = next.fetch_add(batch)) < tree.files.size();)
      for (std::size_t i = at; i < std::min(at + batch, tree.files.size()); ++i)
        if (!links) copy_file(directory, tree.files[i]);
        else if (::linkat(AT_FDCWD, tree.files[i].source.c_str(), directory,
                          tree.files[i].name.c_str(), 0) != 0)
          fail(tree.files[i].name);
  };
  cpu_set_t allowed;
  const int processors =
      ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
  std::vector<std::thread> threads;
  for (int i = 1; i < processors; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  ::close(directory);
}

} // namespace

int main(int count, char** arguments) {
  const std::string how = count > 3 ? arguments[1] : "";
  if (how != "copy" && how != "link") {
    std::fputs("usage: floor copy|link SOURCE DIR...\n", stderr);
    return 2;
  }
  const Tree tree = read_tree(arguments[2], how == "copy");
  for (int i = 3; i < count; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    make(tree, arguments[i], how == "link");
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    std::printf("%.3f\n", took.count());
  }
}
