#include <venv.hpp>

int main(int argc, char** argv) { return venv::main(argc, argv); }
