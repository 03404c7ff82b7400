// SPDX-License-Identifier: Apache-2.0
// Finds OpenSSL's functions when they are first called, for programs that seldom do
// (apps/openssl_lazy.cmake).
#include <cstdio>
#include <cstdlib>
#include <string>

#include "sys/plugin.h"

/// Whoever calls cannot go on without.
extern "C" void* weft_openssl_find(const char* name) {
    static const std::string library[] = {"libssl.so.3"};
    const auto found = weft::sys::plugin_symbol(library, name);
    if (found) return *found;
    std::fprintf(stderr, "ssl connections need OpenSSL 3 (package libssl3): %s\n",
                 found.error().message.c_str());
    std::exit(EXIT_FAILURE);
}
