# An overlay port: its sources are those that it lies in.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

set(VCPKG_BUILD_TYPE release) # a header, and a program that is run
vcpkg_check_features(OUT_FEATURE_OPTIONS FEATURE_OPTIONS FEATURES tool VENV_BUILD_PROGRAM)
vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        ${FEATURE_OPTIONS}
        -DVENV_BUILD_TESTS=OFF
        -DVENV_INSTALL=ON
)
vcpkg_cmake_install()
if("tool" IN_LIST FEATURES)
    vcpkg_copy_tools(TOOL_NAMES venv AUTO_CLEAN)
    vcpkg_replace_string("${CURRENT_PACKAGES_DIR}/share/pkgconfig/venv.pc" "/bin/venv" "/tools/${PORT}/venv")
endif()
vcpkg_cmake_config_fixup(PACKAGE_NAME venv CONFIG_PATH lib/cmake/venv)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/lib")

file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
