// SPDX-License-Identifier: Apache-2.0
// Small ones: note (bytes for humans), exit.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Action> decode_note(Body& b) {
    const ByteSpan data = b.in.take(b.in.size());
    return Note{Bytes(data.begin(), data.end())};
}

OfResult<Action> decode_exit(Body&) { return Exit{}; }

constexpr std::array rows{
    WireForm{nicira_vendor, 8, v10, v15, 16, true, decode_note},
    WireForm{nicira_vendor, 17, v10, v15, 16, false, decode_exit},
};

}  // namespace

forms::Rows forms::note() { return rows; }

void encode(const Note& a, Encoder& e) {
    constexpr size_t min_size = 6;
    const auto open = e.nicira(8);
    e.out().bytes(a.data);
    if (a.data.size() < min_size) e.out().zeros(min_size - a.data.size());
}

void encode(const Exit&, Encoder& e) {
    const auto open = e.nicira(17);
    e.out().zeros(6);
}

// Text.

namespace {

Result<> parse_note(const TextArgs& a, Actions& out) {
    Note note{TRY(parse_hex_bytes(a.args, "`note' argument"))};
    // The wire form has no length of its own: it is padded, and reads back with its padding.
    while (note.data.size() % 8 != 6) note.data.push_back(0);
    out.emplace_back(std::move(note));
    return {};
}

Result<> parse_exit(const TextArgs&, Actions& out) {
    out.emplace_back(Exit{});
    return {};
}

constexpr std::array names_of_note{TextForm{"note", parse_note}, TextForm{"exit", parse_exit}};

}  // namespace

texts::Rows texts::note() { return names_of_note; }

void print(const Note& a, Printer& p) {
    p.put("note:");
    p.hex_bytes(a.data);
}
void print(const Exit&, Printer& p) { p.put("exit"); }

}  // namespace weft::action
