// SPDX-License-Identifier: Apache-2.0
#include "openflow/tlv_table_text.h"

#include "openflow/number_text.h"

namespace weft::openflow {
namespace {

constexpr std::string_view example = "{class=0xffff,type=1,len=4}->tun_metadata0";

/// What a map must look like, with what is wrong about this one.
Error invalid(std::string_view what) {
    return {"invalid tlv mapping\n" + std::string(what) + "; a mapping looks like \"" + std::string(example) +
            "\""};
}

/// `NAME=NUMBER` up to `end`, taken off the text.
Result<uint64_t> take_number(std::string_view& text, std::string_view name, char end, uint64_t max) {
    const size_t stop = text.find(end);
    if (stop == text.npos || !text.starts_with(name) || text.substr(name.size(), 1) != "=")
        return std::unexpected(invalid("expected " + std::string(name) + "=NUMBER"));
    const std::string_view digits = text.substr(name.size() + 1, stop - name.size() - 1);
    const auto v = parse_u64(digits);
    if (!v || *v > max)
        return std::unexpected(
            invalid(std::string(name) + " " + quoted(digits) + " is no number up to " + std::to_string(max)));
    text.remove_prefix(stop + 1);
    return *v;
}

Result<TlvMap> take_map(std::string_view& text) {
    constexpr std::string_view field = "->tun_metadata";
    if (!text.starts_with('{')) return std::unexpected(invalid("expected \"{\""));
    text.remove_prefix(1);
    TlvMap m;
    m.option_class = static_cast<uint16_t>(TRY(take_number(text, "class", ',', 0xffff)));
    m.option_type = static_cast<uint8_t>(TRY(take_number(text, "type", ',', 0xff)));
    m.length = static_cast<uint8_t>(TRY(take_number(text, "len", '}', 0xff)));
    if (!text.starts_with(field)) return std::unexpected(invalid("expected \"->tun_metadataN\""));
    text.remove_prefix(field.size());
    const std::string_view digits = text.substr(0, text.find(','));
    const auto index = parse_u64(digits);
    if (!index || *index > 0xffff) return std::unexpected(invalid("the field's number is " + quoted(digits)));
    m.index = static_cast<uint16_t>(*index);
    text.remove_prefix(digits.size());
    return m;
}

}  // namespace

Result<std::vector<TlvMap>> parse_tlv_maps(std::string_view text) {
    std::vector<TlvMap> out;
    while (!text.empty()) {
        out.push_back(TRY(take_map(text)));
        if (text.starts_with(',')) text.remove_prefix(1);
    }
    return out;
}

}  // namespace weft::openflow
