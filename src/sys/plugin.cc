// SPDX-License-Identifier: Apache-2.0
#include "sys/plugin.h"

#include <dlfcn.h>

namespace weft::sys {

Result<void*> plugin_symbol(std::span<const std::string> files, const char* symbol) {
    std::string why;
    for (const std::string& file : files) {
        void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!library) {
            why = ::dlerror();
            continue;
        }
        if (void* found = ::dlsym(library, symbol)) return found;
        return fail(file + " has no " + symbol + ": it belongs to another version");
    }
    return fail(why);
}

}  // namespace weft::sys
