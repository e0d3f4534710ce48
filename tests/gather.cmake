# Puts tests of the parts together, several to a translation unit: what the header's functions instantiate
# takes two thirds of the time of each, and is done once then. Each file lies in a namespace of its own; what
# the files include comes before, so that their own lines include nothing any more.
#
#   gather_tests(<variable> <number> <folder> <file>...)
#
# sets the variable to the units, which are written in the folder; that many files are in each. They are written
# anew when a file changes, which may include something else then.
function(gather_tests variable number folder)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})
  set(units)
  while(ARGN)
    list(SUBLIST ARGN 0 ${number} files)
    list(REMOVE_ITEM ARGN ${files})
    set(includes)
    set(text)
    foreach(file IN LISTS files)
      file(STRINGS ${file} lines REGEX "^ *#include ")
      list(APPEND includes ${lines})
      get_filename_component(name ${file} NAME_WE)
      string(APPEND text "namespace of_${name} {\n#include \"${file}\"\n}\n")
    endforeach()
    list(REMOVE_DUPLICATES includes)
    set(before)
    foreach(line IN LISTS includes)
      string(REGEX MATCH "[<\"].+[>\"]" name "${line}")
      string(APPEND before "#if __has_include(${name})\n#include ${name}\n#endif\n")
    endforeach()
    list(LENGTH units count)
    set(unit ${folder}/unit_${count}.cpp)
    file(CONFIGURE OUTPUT ${unit} CONTENT "${before}${text}" @ONLY)
    list(APPEND units ${unit})
  endwhile()
  set(${variable} ${units} PARENT_SCOPE)
endfunction()
