// SPDX-License-Identifier: Apache-2.0
// What tests of messages share: values from text, and whether what is sent arrives.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "action/text.h"
#include "flow/match_text.h"
#include "openflow/message.h"

namespace weft::openflow {

using enum Version;
inline constexpr Version all_versions[] = {v10, v11, v12, v13, v14, v15};

inline Bytes bytes_of(std::string_view hex) { return *parse_hex(hex); }
inline flow::Match match(std::string_view text) { return *flow::parse_match(text); }
inline action::Actions actions(std::string_view text) { return *action::parse_actions(text); }

/// The messages a stream consists of.
inline std::vector<Bytes> split(ByteSpan stream) {
    std::vector<Bytes> out;
    while (!stream.empty()) {
        const size_t n = read_header(stream).length;
        out.emplace_back(stream.begin(), stream.begin() + static_cast<ptrdiff_t>(n));
        stream = stream.subspan(n);
    }
    return out;
}

/// What arrives at the other end.
inline OfResult<Message> sent(Body body, const Dialect& d) {
    return decode(encode({.xid = 7, .body = std::move(body)}, d), d);
}

template <class T>
void expect_same(const T& value, const Dialect& d) {
    const auto back = sent(value, d);
    ASSERT_TRUE(back) << error_name(back.error()) << " in " << version_name(d.version);
    EXPECT_EQ(back->xid, 7u);
    ASSERT_TRUE(std::holds_alternative<T>(back->body)) << version_name(d.version);
    EXPECT_EQ(std::get<T>(back->body), value) << version_name(d.version);
}
template <class T>
void expect_same(const T& value, std::initializer_list<Version> versions) {
    for (const Version v : versions) expect_same(value, Dialect{.version = v});
}
template <class T>
void expect_same_in_all(const T& value) {
    for (const Version v : all_versions) expect_same(value, Dialect{.version = v});
}

}  // namespace weft::openflow
