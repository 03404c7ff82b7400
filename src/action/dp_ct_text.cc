// SPDX-License-Identifier: Apache-2.0
#include "action/dp_ct_text.h"

#include "action/text.h"
#include "action/text_codec.h"
#include "flow/field_text.h"
#include "flow/key_value.h"

namespace weft::action::dp {
namespace {

std::unexpected<Error> bad(std::string_view what, std::string_view text) {
    return fail("bad " + std::string(what) + " \"" + std::string(text) + "\" in datapath action ct");
}

flow::FieldValue wide(const Ip6& v) {
    flow::FieldValue out;
    out.b = v.b;
    return out;
}

template <class T>
using Reader = bool (*)(const flow::FieldValue&, T&);

bool read_mark(const flow::FieldValue& v, uint32_t& out) {
    out = static_cast<uint32_t>(v.to_u64());
    return (v & ~flow::FieldValue::ones(32)).is_zero();
}
bool read_label(const flow::FieldValue& v, Ip6& out) {
    out.b = v.b;
    return true;
}

/// VALUE or VALUE/MASK.
template <class T>
Result<Masked<T>> parse_masked(const flow::KeyValue& kv, Reader<T> read) {
    const size_t slash = kv.value.find('/');
    const auto value = flow::parse_integer(kv.value.substr(0, slash));
    const auto mask = slash == std::string_view::npos ? flow::FieldValue::ones(sizeof(T) * 8)
                                                      : flow::parse_integer(kv.value.substr(slash + 1));
    Masked<T> out;
    if (!value || !mask || !read(*value, out.value) || !read(*mask, out.mask)) return bad(kv.key, kv.value);
    return out;
}

Result<> parse_item(const flow::KeyValue& kv, Ct& ct) {
    if (kv.key == "commit") {
        ct.commit = true;
    } else if (kv.key == "force_commit") {
        ct.commit = ct.force = true;
    } else if (kv.key == "zone") {
        ct.zone = static_cast<uint16_t>(TRY(action::parse_number(kv.value, kv.key, 0xffff)));
    } else if (kv.key == "mark") {
        ct.mark = TRY(parse_masked<uint32_t>(kv, read_mark));
    } else if (kv.key == "label") {
        ct.label = TRY(parse_masked<Ip6>(kv, read_label));
    } else if (kv.key == "helper") {
        ct.helper = kv.value;
    } else if (kv.key == "timeout") {
        ct.timeout = kv.value;
    } else if (kv.key == "nat") {
        ct.nat = TRY(action::parse_nat(kv.value));
    } else {
        return bad("argument", kv.text);
    }
    return {};
}

}  // namespace

std::string format_ct(const Ct& ct) {
    std::string inside;
    const auto put = [&](std::string_view name, const std::string& value = {}) {
        if (!inside.empty()) inside += ",";
        (inside += name) += value;
    };
    if (ct.commit) put(ct.force ? "force_commit" : "commit");
    if (ct.zone) put("zone=", std::to_string(ct.zone));
    const auto number = [](uint32_t v) { return flow::format_hex_value(flow::FieldValue::from_u64(v)); };
    if (ct.mark) put("mark=", number(ct.mark->value) + "/" + number(ct.mark->mask));
    if (ct.label)
        put("label=", flow::format_hex_value(wide(ct.label->value)) + "/" +
                          flow::format_hex_value(wide(ct.label->mask)));
    if (!ct.helper.empty()) put("helper=", ct.helper);
    if (!ct.timeout.empty()) put("timeout=", ct.timeout);
    if (ct.nat) put(action::format_nat(*ct.nat));
    return inside.empty() ? "ct" : "ct(" + inside + ")";
}

Result<Ct> parse_ct(std::string_view text) {
    Ct ct;
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);)
        TRY(parse_item(*kv, ct));
    return ct;
}

}  // namespace weft::action::dp
