include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/venv)
install(TARGETS venv EXPORT venv-targets)
install(FILES venv.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT venv-targets NAMESPACE venv:: DESTINATION ${config_dir})
file(WRITE ${PROJECT_BINARY_DIR}/venv-config.cmake
     "include(CMakeFindDependencyMacro)\n"
     "find_dependency(Threads)\n"
     "include(\"\${CMAKE_CURRENT_LIST_DIR}/venv-targets.cmake\")\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/venv-config-version.cmake
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/venv-config.cmake
              ${PROJECT_BINARY_DIR}/venv-config-version.cmake DESTINATION ${config_dir})
