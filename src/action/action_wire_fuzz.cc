// SPDX-License-Identifier: Apache-2.0
// Any bytes decode as actions or are refused; what was decoded is written in a form that decodes to the same
// again, and its text reads back. Input: a byte of version, then a list of actions or instructions.
#include "action/check.h"
#include "action/text.h"
#include "action/wire.h"

using namespace weft;
using namespace weft::action;

namespace {

Bytes encoded(const Actions& actions, Version version, bool as_list) {
    ByteWriter out;
    if (as_list)
        encode_actions(actions, version, out);
    else
        encode_instructions(actions, version, out);
    return out.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr size_t max_list = 0xfff0;
    if (size < 1 || size > max_list) return 0;
    const auto version = static_cast<Version>(1 + data[0] % 6);
    const bool as_list = data[0] & 0x40;
    const ByteSpan bytes(data + 1, size - 1);
    auto actions = as_list ? decode_actions(bytes, version) : decode_instructions(bytes, version);
    if (!actions) return 0;

    const Bytes out = encoded(*actions, version, as_list);
    if (out.size() > max_list) return 0;
    const auto back = as_list ? decode_actions(out, version) : decode_instructions(out, version);
    CHECK(back.has_value());
    CHECK(encoded(*back, version, as_list) == out);

    const std::string text = to_text(*actions);
    if (const auto parsed = parse_actions(text)) {
        const std::string settled = to_text(*parsed);
        const auto again = parse_actions(settled);
        CHECK(again.has_value() && to_text(*again) == settled);
    }

    const flow::Match match;
    (void)check(*actions, {match});
    // Every version has some way to say it.
    for (int v = 1; v <= 6; ++v) {
        ByteWriter other;
        encode_instructions(*actions, static_cast<Version>(v), other);
    }
    return 0;
}
