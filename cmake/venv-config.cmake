# What find_package(venv) reads: venv::venv, the header; venv::program, the program; venv_ensure.
include(CMakeFindDependencyMacro)
if(CMAKE_C_COMPILER_LOADED OR CMAKE_CXX_COMPILER_LOADED) # a project without a language can use venv_ensure
  find_dependency(Threads)
endif()
include("${CMAKE_CURRENT_LIST_DIR}/venv-targets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/venv-ensure.cmake")

# Where the header was installed without the program, it is built when something depends on it.
if(NOT TARGET venv::program AND CMAKE_CXX_COMPILER_LOADED)
  if(NOT EXISTS ${CMAKE_CURRENT_BINARY_DIR}/venv_program.cpp)
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/venv_program.cpp
         "#include <venv.hpp>\n\nint main(int argc, char** argv) { return venv::main(argc, argv); }\n")
  endif()
  add_executable(venv_program EXCLUDE_FROM_ALL ${CMAKE_CURRENT_BINARY_DIR}/venv_program.cpp)
  target_link_libraries(venv_program PRIVATE venv::venv)
  add_executable(venv::program ALIAS venv_program)
endif()
