// SPDX-License-Identifier: Apache-2.0
// controller: to the controllers with a chosen connection id, with a reason and data of the flow's author.
#include <array>

#include "action/codec.h"
#include "action/property.h"
#include "action/text_codec.h"
#include "flow/key_value.h"

namespace weft::action {
namespace {

using enum Version;

enum Prop : uint16_t { max_len, controller_id, reason, userdata, pause, meter_id };
constexpr uint8_t reason_action = 1;

OfResult<Action> decode_1(Body& b) {
    Controller c;
    c.max_len = b.in.u16();
    c.controller_id = b.in.u16();
    c.reason = b.in.u8();
    return c;
}

OfResult<> apply(Property& p, Controller& c) {
    switch (p.type) {
        case max_len:
            c.max_len = p.in.u16();
            break;
        case controller_id:
            c.controller_id = p.in.u16();
            break;
        case reason:
            c.reason = p.in.u8();
            break;
        case userdata: {
            const ByteSpan data = p.in.take(p.in.size());
            c.userdata.assign(data.begin(), data.end());
            break;
        }
        case pause:
            c.pause = true;
            break;
        case meter_id:
            c.meter_id = p.in.u32();
            break;
        default:
            return refuse(OfError::bpc_bad_type);
    }
    if (!p.in.ok()) return refuse(OfError::bpc_bad_len);
    return {};
}

OfResult<Action> decode_2(Body& b) {
    ByteReader pad(b.in.take(6));
    TRY(expect_zeros(pad, OfError::nxbrc_must_be_zero));
    Controller c;
    while (!b.in.empty()) {
        Property p = TRY(read_property(b.in));
        TRY(apply(p, c));
    }
    return c;
}

constexpr std::array rows{
    WireForm{nicira_vendor, 20, v10, v15, 16, false, decode_1},
    WireForm{nicira_vendor, 37, v10, v15, 16, true, decode_2},
};

}  // namespace

forms::Rows forms::controller() { return rows; }

void encode(const Controller& a, Encoder& e) {
    ByteWriter& out = e.out();
    if (a.userdata.empty() && !a.pause && a.meter_id == 0) {
        const auto open = e.nicira(20);
        out.u16(a.max_len);
        out.u16(a.controller_id);
        out.u8(a.reason);
        return;
    }
    const auto open = e.nicira(37);
    out.zeros(6);
    const auto property = [&](Prop type, const auto& write) {
        const OpenProperty p(out, type);
        write();
    };
    // Numbers of 16 bits count their padding.
    const auto put_u16 = [&](uint16_t v) {
        out.u16(v);
        out.zeros(2);
    };
    if (a.max_len != 0xffff) property(max_len, [&] { put_u16(a.max_len); });
    if (a.controller_id) property(controller_id, [&] { put_u16(a.controller_id); });
    if (a.reason != reason_action) property(reason, [&] { out.u8(a.reason); });
    if (!a.userdata.empty()) property(userdata, [&] { out.bytes(a.userdata); });
    if (a.pause) property(pause, [] {});
    if (a.meter_id) property(meter_id, [&] { out.u32(a.meter_id); });
}

// Text.

namespace {

constexpr std::array<std::string_view, 8> reasons{
    "no_match", "action", "invalid_ttl", "action_set", "group", "packet_out", "", ""};

Result<uint8_t> parse_reason(std::string_view text) {
    for (size_t i = 0; i < reasons.size(); ++i) {
        if (reasons[i] == text) return static_cast<uint8_t>(i);
    }
    return fail("unknown reason \"" + std::string(text) + "\"");
}

Result<uint16_t> parse_u16(std::string_view text, std::string_view what) {
    return static_cast<uint16_t>(TRY(parse_number(text, what, 0xffff)));
}

Result<> parse_option(const flow::KeyValue& kv, Controller& c) {
    if (kv.key == "reason")
        c.reason = TRY(parse_reason(kv.value));
    else if (kv.key == "max_len")
        c.max_len = TRY(parse_u16(kv.value, "max_len"));
    else if (kv.key == "id")
        c.controller_id = TRY(parse_u16(kv.value, "id"));
    else if (kv.key == "userdata")
        c.userdata = TRY(parse_hex_bytes(kv.value, "`controller' action `userdata'"));
    else if (kv.key == "pause")
        c.pause = true;
    else if (kv.key == "meter_id")
        c.meter_id = static_cast<uint32_t>(TRY(parse_number(kv.value, "meter_id", 0xffffffff)));
    else
        return fail("unknown key \"" + std::string(kv.key) + "\" parsing controller action");
    return {};
}

bool is_plain(const Controller& c) {
    return c.reason == reason_action && c.controller_id == 0 && c.userdata.empty() && !c.pause &&
           c.meter_id == 0;
}

Result<> parse_controller(const TextArgs& a, Actions& out) {
    Controller c;
    if (!a.args.empty() && a.args.find_first_not_of("0123456789") == std::string_view::npos) {
        c.max_len = TRY(parse_u16(a.args, "max_len"));
    } else {
        for (std::string_view items = a.args; const auto kv = flow::next_key_value(items);)
            TRY(parse_option(*kv, c));
    }
    if (is_plain(c))
        out.emplace_back(Output{ofpp::controller, c.max_len});
    else
        out.emplace_back(std::move(c));
    return {};
}

constexpr std::array names_of_controller{TextForm{"controller", parse_controller},
                                         TextForm{"CONTROLLER", parse_controller}};

}  // namespace

texts::Rows texts::controller() { return names_of_controller; }

void print(const Controller& a, Printer& p) {
    if (is_plain(a)) return print(Output{ofpp::controller, a.max_len}, p);
    std::string_view separator = "controller(";
    const auto option = [&](std::string_view name) {
        p.put(separator);
        p.put(name);
        separator = ",";
    };
    if (a.reason != reason_action) {
        option("reason=");
        if (a.reason < reasons.size())
            p.put(reasons[a.reason]);
        else
            p.number(a.reason);
    }
    if (a.max_len != 0xffff) option("max_len="), p.number(a.max_len);
    if (a.controller_id) option("id="), p.number(a.controller_id);
    if (!a.userdata.empty()) option("userdata="), p.hex_bytes(a.userdata);
    if (a.pause) option("pause");
    if (a.meter_id) option("meter_id="), p.number(a.meter_id);
    p.put(")");
}

}  // namespace weft::action
