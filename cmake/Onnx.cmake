# The messages of ONNX, generated from the onnx.proto that libonnx-dev installs. The generated file is not held to our warnings.
find_program(PROTOC_C protoc-c REQUIRED)
find_path(ONNX_PROTO onnx.proto PATH_SUFFIXES onnx REQUIRED)
set(onnx_folder "${PROJECT_BINARY_DIR}/onnx")
file(MAKE_DIRECTORY "${onnx_folder}")
add_custom_command(
  OUTPUT "${onnx_folder}/onnx.pb-c.c" "${onnx_folder}/onnx.pb-c.h"
  COMMAND "${PROTOC_C}" "--proto_path=${ONNX_PROTO}" "--c_out=${onnx_folder}" onnx.proto
  DEPENDS "${ONNX_PROTO}/onnx.proto"
  VERBATIM)
target_sources(rnnsafe_network PRIVATE "${onnx_folder}/onnx.pb-c.c" "${onnx_folder}/onnx.pb-c.h")
set_source_files_properties("${onnx_folder}/onnx.pb-c.c" PROPERTIES COMPILE_OPTIONS "-w")
target_include_directories(rnnsafe_network SYSTEM PRIVATE "${onnx_folder}")
