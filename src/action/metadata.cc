// SPDX-License-Identifier: Apache-2.0
// Instructions as they stand among the actions of an OpenFlow 1.0 flow: only write_metadata has a form there.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Action> decode_metadata(Body& b) {
    ByteReader pad(b.in.take(6));
    TRY(expect_zeros(pad, OfError::nxbrc_must_be_zero));
    return WriteMetadata{b.in.u64(), b.in.u64()};
}

constexpr std::array rows{WireForm{nicira_vendor, 22, v10, v10, 32, false, decode_metadata}};

}  // namespace

forms::Rows forms::metadata() { return rows; }

void encode(const WriteMetadata& a, Encoder& e) {
    const auto open = e.nicira(22);
    e.out().zeros(6);
    e.out().u64(a.value);
    e.out().u64(a.mask);
}

void encode(const GotoTable& a, Encoder& e) { encode(Resubmit{.table = a.table, .with_table = true}, e); }

// OpenFlow 1.0 has no action set; nothing stands for these.
void encode(const WriteActions&, Encoder&) {}
void encode(const ClearActions&, Encoder&) {}

// Text.

namespace {

Result<> parse_metadata(const TextArgs& a, Actions& out) {
    const size_t slash = a.args.find('/');
    WriteMetadata m;
    m.value = TRY(parse_number(a.args.substr(0, slash), ~uint64_t{0}));
    if (slash != std::string_view::npos) m.mask = TRY(parse_number(a.args.substr(slash + 1), ~uint64_t{0}));
    out.emplace_back(m);
    return {};
}

Result<> parse_goto(const TextArgs& a, Actions& out) {
    out.emplace_back(GotoTable{TRY(parse_table(a.args, a.names))});
    return {};
}

Result<> parse_write(const TextArgs& a, Actions& out) {
    WriteActions set{TRY(parse_nested(a))};
    if (!set.actions.empty()) out.emplace_back(std::move(set));
    return {};
}

Result<> parse_clear(const TextArgs&, Actions& out) {
    out.emplace_back(ClearActions{});
    return {};
}

Result<> parse_apply(const TextArgs&, Actions&) { return fail("apply_actions is the default instruction"); }

constexpr std::array names_of_instructions{
    TextForm{"write_metadata", parse_metadata}, TextForm{"goto_table", parse_goto},
    TextForm{"write_actions", parse_write},     TextForm{"clear_actions", parse_clear},
    TextForm{"apply_actions", parse_apply},
};

}  // namespace

texts::Rows texts::instructions() { return names_of_instructions; }

void print(const WriteMetadata& a, Printer& p) {
    p.put("write_metadata:");
    p.hex(a.value);
    if (a.mask == ~uint64_t{0}) return;
    p.put("/");
    p.hex(a.mask);
}
void print(const GotoTable& a, Printer& p) {
    p.put("goto_table:");
    p.table(a.table);
}
void print(const WriteActions& a, Printer& p) {
    p.put("write_actions(");
    p.list(a.actions);
    p.put(")");
}
void print(const ClearActions&, Printer& p) { p.put("clear_actions"); }

}  // namespace weft::action
