// SPDX-License-Identifier: Apache-2.0
#include "obs/memory.h"

namespace weft::obs {

MemoryUsage MemoryReport::usage() const {
    MemoryUsage out;
    for (const auto& provider : providers_) provider(out);
    return out;
}

std::string MemoryReport::show() const {
    std::string out;
    for (const auto& [name, count] : usage()) {
        if (!out.empty()) out += ' ';
        out += name + ":" + std::to_string(count);
    }
    return out;
}

}  // namespace weft::obs
