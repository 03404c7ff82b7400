// SPDX-License-Identifier: Apache-2.0
#include "obs/memory.h"

namespace weft::obs {

std::string MemoryReport::show() const {
    MemoryUsage usage;
    for (const auto& provider : providers_) provider(usage);
    std::string out;
    for (const auto& [name, count] : usage) {
        if (!out.empty()) out += ' ';
        out += name + ":" + std::to_string(count);
    }
    return out;
}

}  // namespace weft::obs
