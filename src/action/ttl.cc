// SPDX-License-Identifier: Apache-2.0
// dec_ttl, with the controllers that hear of expired packets, and dec_mpls_ttl.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"
#include "flow/key_value.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Action> decode_plain(Body&) { return DecTtl{}; }

OfResult<Action> decode_with_ids(Body& b) {
    DecTtl a{.controllers = {}, .with_ids = true};
    const uint16_t n = b.in.u16();
    ByteReader pad(b.in.take(4));
    TRY(expect_zeros(pad, OfError::nxbrc_must_be_zero));
    for (uint16_t i = 0; i < n && b.in.ok(); ++i) a.controllers.push_back(b.in.u16());
    return a;
}

OfResult<Action> decode_mpls(Body&) { return DecMplsTtl{}; }

constexpr std::array rows{
    WireForm{0, 24, v11, v15, 8, false, decode_plain},
    WireForm{0, 16, v11, v15, 8, false, decode_mpls},
    WireForm{nicira_vendor, 18, v10, v10, 16, false, decode_plain},
    WireForm{nicira_vendor, 21, v10, v15, 16, true, decode_with_ids},
    WireForm{nicira_vendor, 26, v10, v10, 16, false, decode_mpls},
};

}  // namespace

forms::Rows forms::ttl() { return rows; }

void encode(const DecTtl& a, Encoder& e) {
    if (a.with_ids) {
        const auto open = e.nicira(21);
        e.out().u16(static_cast<uint16_t>(a.controllers.size()));
        e.out().zeros(4);
        for (const uint16_t id : a.controllers) e.out().u16(id);
    } else if (e.version() == v10) {
        const auto open = e.nicira(18);
        e.out().zeros(6);
    } else {
        const auto open = e.standard(24);
        e.out().zeros(4);
    }
}

void encode(const DecMplsTtl&, Encoder& e) {
    const auto open = e.version() == v10 ? e.nicira(26) : e.standard(16);
    e.out().zeros(e.version() == v10 ? 6 : 4);
}

// Text.

namespace {

Result<> parse_dec_ttl(const TextArgs& a, Actions& out) {
    DecTtl ttl;
    if (!a.args.empty()) {
        ttl.controllers.clear();
        ttl.with_ids = true;
        for (std::string_view ids = a.args; const auto id = flow::next_key_value(ids);)
            ttl.controllers.push_back(
                static_cast<uint16_t>(TRY(parse_number(id->text, "dec_ttl controller id", 0xffff))));
        if (ttl.controllers.empty()) return fail("dec_ttl_cnt_ids: expected at least one controller id.");
    }
    out.emplace_back(std::move(ttl));
    return {};
}

constexpr std::array names_of_ttl{TextForm{"dec_ttl", parse_dec_ttl}};

}  // namespace

texts::Rows texts::ttl() { return names_of_ttl; }

void print(const DecTtl& a, Printer& p) {
    p.put("dec_ttl");
    if (!a.with_ids) return;
    p.put("(");
    for (size_t i = 0; i < a.controllers.size(); ++i) {
        if (i) p.put(",");
        p.number(a.controllers[i]);
    }
    p.put(")");
}

}  // namespace weft::action
