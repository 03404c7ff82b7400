# SPDX-License-Identifier: Apache-2.0
# weft_bpf_program(TARGET NAME): compiles src/bpf/NAME.bpf.c for the kernel and builds the object file into TARGET, as the function
# weft::dp::NAME_program() of dp/ebpf/programs.h.
find_program(LLVM_STRIP NAMES llvm-strip-19 REQUIRED)

function(weft_bpf_program target name)
  set(source ${CMAKE_SOURCE_DIR}/src/bpf/${name}.bpf.c)
  set(object ${CMAKE_BINARY_DIR}/bpf/${name}.bpf.o)
  set(embedded ${CMAKE_BINARY_DIR}/bpf/${name}.cc)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/bpf)
  add_custom_command(OUTPUT ${object} COMMENT "BPF ${name}" DEPENDS ${source} DEPFILE ${object}.d
    COMMAND ${CMAKE_C_COMPILER} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Wno-unused-function -fno-stack-protector
            -I${CMAKE_SOURCE_DIR}/src -I/usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu -MD -MF ${object}.d -MT ${object}
            -c ${source} -o ${object}
    COMMAND ${LLVM_STRIP} -g ${object})
  add_custom_command(OUTPUT ${embedded} DEPENDS ${object} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake COMMENT "Embed ${name}"
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DFROM=${object} -DTO=${embedded} -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake)
  target_sources(${target} PRIVATE ${embedded})
endfunction()
