// SPDX-License-Identifier: Apache-2.0
#include "bridge/config.h"

#include <charconv>

namespace weft::bridge {

int64_t get_int(const StringMap& map, std::string_view key, int64_t otherwise, int64_t min, int64_t max) {
    const std::string_view text = get(map, key);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return otherwise;
    return value < min || value > max ? otherwise : value;
}

}  // namespace weft::bridge
