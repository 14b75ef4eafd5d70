# Every library that rnnsafe uses, as one interface target each, rnnsafe_dep_NAME. DESIGN says why each is here.
find_package(PkgConfig REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS C)

foreach(pair "OpenBLAS:openblas" "Z3:z3" "libxml2:libxml-2.0" "jansson:jansson" "libzip:libzip"
             "LAPACKE:lapacke" "protobufc:libprotobuf-c" "HDF5:hdf5")
  string(REPLACE ":" ";" pair "${pair}")
  list(GET pair 0 name)
  list(GET pair 1 package)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${package})
  add_library(rnnsafe_dep_${name} INTERFACE)
  target_link_libraries(rnnsafe_dep_${name} INTERFACE PkgConfig::${name})
endforeach()

add_library(rnnsafe_dep_OpenMP INTERFACE)
target_link_libraries(rnnsafe_dep_OpenMP INTERFACE OpenMP::OpenMP_C)

# Headers alone; src/core/table.h replaces its exit on out-of-memory.
find_path(UTHASH_INCLUDE uthash.h REQUIRED)
add_library(rnnsafe_dep_uthash INTERFACE)
target_include_directories(rnnsafe_dep_uthash SYSTEM INTERFACE ${UTHASH_INCLUDE})
