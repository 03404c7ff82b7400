// SPDX-License-Identifier: Apache-2.0
// Whatever a peer sends in whatever fragments: the same messages come out as from the whole, each survives
// its own text, and nothing crashes. The first byte is the size of the fragments.
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "codec/json_text.h"
#include "jsonrpc/connection.h"

using namespace weft;

namespace {

std::vector<jsonrpc::Message> messages_of(std::string_view text, size_t step) {
    jsonrpc::Connection connection({.limits = {.max_depth = 100}}, Time{});
    std::vector<jsonrpc::Message> out;
    for (size_t at = 0; at < text.size(); at += step) {
        connection.receive(text.substr(at, step), Time{});
        while (auto message = connection.next()) out.push_back(std::move(*message));
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 2) return 0;
    const auto text = as_chars({data + 1, size - 1});
    const auto messages = messages_of(text, text.size());
    CHECK(messages == messages_of(text, size_t{1} + data[0] % 16));
    for (const auto& message : messages) {
        const auto again = codec::parse_json(codec::format_json(message.to_json()));
        CHECK(again && *jsonrpc::Message::from_json(*again) == message);
        CHECK(!message.describe().empty());
    }
    return 0;
}
