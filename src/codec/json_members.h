// SPDX-License-Identifier: Apache-2.0
// What an object says under a name, where it may say something else or nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"

namespace weft::codec {

/// Empty if the member is not there or no string.
inline std::string text_member(const Json& json, std::string_view name) {
    const Json* value = json.find(name);
    return value && value->string() ? *value->string() : std::string();
}

/// 0 if the member is not there or no integer.
inline int64_t integer_member(const Json& json, std::string_view name) {
    const Json* value = json.find(name);
    return value && value->integer() ? *value->integer() : 0;
}

/// The strings of an array; none if the member is not there or no array.
inline std::vector<std::string> text_members(const Json& json, std::string_view name) {
    std::vector<std::string> out;
    const Json* value = json.find(name);
    if (value && value->array())
        for (const Json& one : *value->array())
            if (one.string()) out.push_back(*one.string());
    return out;
}

}  // namespace weft::codec
