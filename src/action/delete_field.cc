// SPDX-License-Identifier: Apache-2.0
// delete_field: takes an option of a tunnel away.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Action> decode_delete(Body& b) {
    const DeleteField a{TRY(read_field_header(b.in))};
    TRY(expect_zeros(b.in, OfError::nxbrc_must_be_zero));
    return a;
}

constexpr std::array rows{WireForm{nicira_vendor, 50, v10, v15, 24, false, decode_delete}};

Result<> parse_delete(const TextArgs& a, Actions& out) {
    const flow::Field* f = flow::find_field_or_wire_name(a.args);
    if (!f) return fail("unknown field `" + std::string(a.args) + "'");
    TRY(flow::check_header(*f));
    out.emplace_back(DeleteField{f->id});
    return {};
}

constexpr std::array names_of_delete{TextForm{"delete_field", parse_delete}};

}  // namespace

forms::Rows forms::delete_field() { return rows; }
texts::Rows texts::delete_field() { return names_of_delete; }

void encode(const DeleteField& a, Encoder& e) {
    const auto open = e.nicira(50);
    const size_t at = e.out().size();
    write_field_header(e.out(), a.field, v10);
    e.out().zeros(14 - (e.out().size() - at));
}

void print(const DeleteField& a, Printer& p) {
    p.put("delete_field:" + std::string(flow::field(a.field).name));
}

}  // namespace weft::action
