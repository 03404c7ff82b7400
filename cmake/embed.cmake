# SPDX-License-Identifier: Apache-2.0
# cmake -DNAME=... -DFROM=FILE -DTO=SOURCE -P embed.cmake: writes FILE's bytes as a function NAME_program() in C++.
file(READ ${FROM} hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${TO} "#include \"dp/ebpf/programs.h\"\n\nnamespace weft::dp {\n\n"
  "alignas(8) static constexpr uint8_t bytes[] = {\n${bytes}};\n\n"
  "ByteSpan ${NAME}_program() { return bytes; }\n\n}  // namespace weft::dp\n")
