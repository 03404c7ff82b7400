// SPDX-License-Identifier: Apache-2.0
#include "sdk/failure.h"

#include <algorithm>
#include <cstring>

#include "codec/json_text.h"

namespace weft::sdk {
namespace {

thread_local std::string failure;

/// What JSON cannot carry makes a server end the connection. Its parser is who knows.
bool is_utf8(std::string_view text) {
    if (std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) return true;
    std::string quoted = "[";
    codec::append_json_string(quoted, text);
    return codec::parse_json(quoted + "]").has_value();
}

}  // namespace

Checked<std::string_view> text_of(const char* text, size_t length, std::string_view what) {
    TRY(not_null(text, what));
    const std::string_view out(text, length);
    if (out.find('\0') != std::string_view::npos)
        return refuse(WEFT_OVSDB_BAD_ARGUMENT, std::string(what) + " has a NUL byte in it");
    if (!is_utf8(out)) return refuse(WEFT_OVSDB_BAD_ARGUMENT, std::string(what) + " is not UTF-8");
    return out;
}

Checked<std::string_view> text_of(const char* text, std::string_view what) {
    return text_of(text, text ? std::strlen(text) : 0, what);
}

const char* last_failure() noexcept { return failure.c_str(); }

int report(weft_ovsdb_code code, std::string text) noexcept {
    failure = std::move(text);
    return code;
}

}  // namespace weft::sdk
