#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>

int main(int argc, char** argv) {
  std::signal(SIGHUP, SIG_DFL); // under nohup it is ignored, by children too, and the tests send it
  return doctest::Context(argc, argv).run();
}
