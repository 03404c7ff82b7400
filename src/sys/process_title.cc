// SPDX-License-Identifier: Apache-2.0
#include "sys/process_title.h"

#include <algorithm>
#include <cstring>

namespace weft::sys {

ProcessTitle::ProcessTitle(int argc, char** argv) {
    if (argc == 0) return;
    char* end = argv[0];
    for (int i = 0; i < argc && argv[i] == end; ++i) end += std::strlen(argv[i]) + 1;  // they lie in a row
    area_ = argv[0];
    original_.assign(area_, end);
}

void ProcessTitle::set(const std::string& title) {
    if (!area_) return;
    const size_t shown = std::min(title.size(), original_.size() - 1);
    std::memset(area_, 0, original_.size());
    std::memcpy(area_, title.data(), shown);
}

void ProcessTitle::restore() {
    if (area_) std::memcpy(area_, original_.data(), original_.size());
}

}  // namespace weft::sys
