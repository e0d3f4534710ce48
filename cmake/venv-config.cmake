# What find_package(venv) reads: venv::venv, the header; venv::program, the program.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include("${CMAKE_CURRENT_LIST_DIR}/venv-targets.cmake")

# Where the header was installed without the program, it is built when something depends on it.
if(NOT TARGET venv::program AND CMAKE_CXX_COMPILER_LOADED)
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/venv_program.cpp CONTENT
       "#include <venv.hpp>\n\nint main(int argc, char** argv) { return venv::main(argc, argv); }\n")
  add_executable(venv_program EXCLUDE_FROM_ALL ${CMAKE_CURRENT_BINARY_DIR}/venv_program.cpp)
  target_link_libraries(venv_program PRIVATE venv::venv)
  add_executable(venv::program ALIAS venv_program)
endif()
