# SPDX-License-Identifier: Apache-2.0
# Compiler flags of every preset, in one place.
add_compile_options(-Wall -Wextra -Werror -Wno-gnu-statement-expression -Wshadow -Wnon-virtual-dtor -Wvla -fno-omit-frame-pointer
                    -fno-strict-aliasing) # keys and packets are viewed both as structs and as words
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "Weft is built with clang-19: use a preset (cmake --preset release), or set CMAKE_CXX_COMPILER=clang++-19")
endif()
# What a program does not call is not loaded when it starts.
add_link_options(-fuse-ld=lld -Wl,--as-needed)
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g1")

if(WEFT_PRESET STREQUAL "debug")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -D_GLIBCXX_ASSERTIONS)
  add_link_options(-fsanitize=address,undefined)
elseif(WEFT_PRESET STREQUAL "tsan")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
elseif(WEFT_PRESET STREQUAL "fuzz")
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()

set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_SOURCE_DIR}/cmake/compile)
set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_SOURCE_DIR}/cmake/compile)
find_package(Threads REQUIRED)
