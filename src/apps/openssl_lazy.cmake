# SPDX-License-Identifier: Apache-2.0
# weft_openssl_lazy: OpenSSL's functions as jumps through a slot each, which is filled when the function is first called
# (net/openssl_lazy.cc). To load and relocate libcrypto costs a tool more than what most commands do, and few speak TLS.
# Link it before OpenSSL, which is then not needed. On other processors it is empty, and OpenSSL is loaded at the start.
add_library(weft_openssl_lazy INTERFACE)
if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  return()
endif()

set(list ${CMAKE_CURRENT_SOURCE_DIR}/openssl_functions.txt)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
file(STRINGS ${list} functions REGEX "^[A-Za-z0-9_]+$")
set(assembly [[
.text
.type weft_openssl_resolve, @function
weft_openssl_resolve: # rax: the function's name, r11: its slot; all arguments are kept
.cfi_startproc
push %rbp
.cfi_def_cfa_offset 16
mov %rsp, %rbp
push %rdi
push %rsi
push %rdx
push %rcx
push %r8
push %r9
push %r11
push %r10
mov %rax, %rdi
call weft_openssl_find
pop %r10
pop %r11
pop %r9
pop %r8
pop %rcx
pop %rdx
pop %rsi
pop %rdi
pop %rbp
mov %rax, (%r11)
jmp *%rax
.cfi_endproc
]])
foreach(function ${functions})
  string(APPEND assembly "
.text
.globl ${function}
.hidden ${function}
.type ${function}, @function
${function}:
mov .Lslot_${function}(%rip), %r11
test %r11, %r11
jz 1f
jmp *%r11
1:
lea .Lname_${function}(%rip), %rax
lea .Lslot_${function}(%rip), %r11
jmp weft_openssl_resolve
.local .Lslot_${function}
.comm .Lslot_${function}, 8, 8
.section .rodata
.Lname_${function}: .asciz \"${function}\"
")
endforeach()
set(source ${CMAKE_CURRENT_BINARY_DIR}/openssl_lazy.cc)
file(CONFIGURE OUTPUT ${source} CONTENT "__asm__(R\"asm(${assembly}.text\n)asm\");\n" @ONLY)
add_library(weft_openssl_jumps OBJECT ${source})
target_link_libraries(weft_openssl_lazy INTERFACE weft_openssl_jumps $<TARGET_OBJECTS:weft_openssl_jumps>)
