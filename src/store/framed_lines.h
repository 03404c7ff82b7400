// SPDX-License-Identifier: Apache-2.0
// For fuzzers only.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "store/log_file.h"

namespace weft::store::testing {

/// Bytes as they are; if the first is '*', the lines after it framed as records of a log.
inline std::string framed_lines(std::string_view input, std::string_view magic = standalone_magic) {
    if (!input.starts_with('*')) return std::string(input);
    std::string out;
    for (size_t at = 1; at < input.size();) {
        const size_t end = std::min(input.find('\n', at), input.size());
        if (end > at) out += format_log_record(magic, input.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

}  // namespace weft::store::testing
