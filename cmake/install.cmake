include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/venv)
install(TARGETS venv_header EXPORT venv-targets)
if(VENV_BUILD_PROGRAM)
  install(TARGETS venv_program EXPORT venv-targets)
  set(shells ${PROJECT_SOURCE_DIR}/packaging)
  install(FILES ${shells}/venv.bash RENAME venv
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${shells}/_venv DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${shells}/venv.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  install(FILES ${shells}/venv.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
install(FILES venv.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT venv-targets NAMESPACE venv:: DESTINATION ${config_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/venv-config-version.cmake
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/venv-config.cmake ${CMAKE_CURRENT_LIST_DIR}/venv-ensure.cmake
              ${PROJECT_BINARY_DIR}/venv-config-version.cmake DESTINATION ${config_dir})
