// SPDX-License-Identifier: Apache-2.0
// Flag fields in text: `+syn-ack`, `syn|ack`, `0x12`.
#include "flow/field_text.h"

namespace weft::flow {
namespace {

constexpr FlagName tun_names[] = {{1, "oam"}};
constexpr FlagName tcp_names[] = {{0x001, "fin"}, {0x002, "syn"},   {0x004, "rst"},   {0x008, "psh"},
                                  {0x010, "ack"}, {0x020, "urg"},   {0x040, "ece"},   {0x080, "cwr"},
                                  {0x100, "ns"},  {0x200, "[200]"}, {0x400, "[400]"}, {0x800, "[800]"}};
constexpr FlagName ct_names[] = {{0x01, "new"}, {0x02, "est"}, {0x04, "rel"},  {0x08, "rpl"},
                                 {0x10, "inv"}, {0x20, "trk"}, {0x40, "snat"}, {0x80, "dnat"}};

}  // namespace

std::span<const FlagName> flag_names(FieldText kind) {
    switch (kind) {
        case FieldText::tun_flags:
            return tun_names;
        case FieldText::tcp_flags:
            return tcp_names;
        case FieldText::ct_state:
            return ct_names;
        default:
            return {};
    }
}

std::string format_flags(FieldText kind, uint32_t value, uint32_t mask, bool exact) {
    std::string out;
    for (const auto& [bit, name] : flag_names(kind)) {
        if (exact) {
            if (!(value & bit)) continue;
            if (!out.empty()) out += '|';
            out += name;
        } else if (mask & bit) {
            out += value & bit ? '+' : '-';
            out += name;
        }
    }
    return out.empty() ? "0" : out;
}

}  // namespace weft::flow
