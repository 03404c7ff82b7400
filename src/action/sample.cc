// SPDX-License-Identifier: Apache-2.0
// sample: some packets are reported to collectors (ovs-actions(7)).
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"
#include "flow/key_value.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Sample> decode_common(ByteReader& in) {
    Sample a;
    a.probability = in.u16();
    a.collector_set = in.u32();
    a.obs_domain = in.u32();
    a.obs_point = in.u32();
    if (a.probability == 0) return refuse(OfError::bac_bad_argument);
    return a;
}

OfResult<Action> decode_plain(Body& b) { return TRY(decode_common(b.in)); }

OfResult<Action> decode_port(Body& b) {
    Sample a = TRY(decode_common(b.in));
    a.sampling_port = OfPort{b.in.u16()};
    b.in.skip(b.in.size());
    return a;
}

OfResult<Action> decode_direction(Body& b) {
    Sample a = TRY(decode_common(b.in));
    a.sampling_port = OfPort{b.in.u16()};
    const uint8_t direction = b.in.u8();
    if (direction >= static_cast<uint8_t>(Sample::Direction::count)) return refuse(OfError::bac_bad_argument);
    a.direction = static_cast<Sample::Direction>(direction);
    return a;
}

constexpr std::array rows{
    WireForm{nicira_vendor, 29, v10, v15, 24, false, decode_plain},
    WireForm{nicira_vendor, 38, v10, v15, 32, false, decode_port},
    WireForm{nicira_vendor, 41, v10, v15, 32, false, decode_direction},
};

}  // namespace

forms::Rows forms::sample() { return rows; }

void encode(const Sample& a, Encoder& e) {
    const bool directed = a.direction != Sample::Direction::by_port;
    const bool has_port = directed || a.sampling_port != ofpp::none;
    const auto open = e.nicira(directed ? 41 : has_port ? 38 : 29);
    e.out().u16(a.probability);
    e.out().u32(a.collector_set);
    e.out().u32(a.obs_domain);
    e.out().u32(a.obs_point);
    if (!has_port) return;
    e.out().u16(a.sampling_port.value);
    e.out().u8(static_cast<uint8_t>(a.direction));
    e.out().zeros(5);
}

// Text.

namespace {

Result<> parse_probability(std::string_view text, Sample& a) {
    const uint64_t v = TRY(parse_number(text, "probability", 0xffff));
    if (v == 0) return fail("invalid probability value \"" + std::string(text) + "\"");
    a.probability = static_cast<uint16_t>(v);
    return {};
}

/// Of numbers that are too large, the low 32 bits count.
Result<uint32_t> parse_u32(std::string_view text) {
    return static_cast<uint32_t>(TRY(parse_number(text, ~uint64_t{0})));
}

Result<> parse_option(const flow::KeyValue& kv, const TextArgs& args, Sample& a) {
    if (kv.key == "probability") return parse_probability(kv.value, a);
    if (kv.key == "collector_set_id") {
        a.collector_set = TRY(parse_u32(kv.value));
    } else if (kv.key == "obs_domain_id") {
        a.obs_domain = TRY(parse_u32(kv.value));
    } else if (kv.key == "obs_point_id") {
        a.obs_point = TRY(parse_u32(kv.value));
    } else if (kv.key == "sampling_port") {
        const auto port = flow::parse_port(kv.value, args.names.ports);
        if (!port) return fail(std::string(kv.value) + ": unknown port");
        a.sampling_port = *port;
    } else if (kv.key == "ingress") {
        a.direction = Sample::Direction::ingress;
    } else if (kv.key == "egress") {
        a.direction = Sample::Direction::egress;
    } else {
        return fail("invalid key \"" + std::string(kv.key) + "\" in \"sample\" argument");
    }
    return {};
}

Result<> parse_sample(const TextArgs& args, Actions& out) {
    Sample a;
    for (std::string_view items = args.args; const auto kv = flow::next_key_value(items);)
        TRY(parse_option(*kv, args, a));
    if (a.probability == 0) return fail("non-zero \"probability\" must be specified on sample");
    out.emplace_back(a);
    return {};
}

constexpr std::array names_of_sample{TextForm{"sample", parse_sample}};

}  // namespace

texts::Rows texts::sample() { return names_of_sample; }

void print(const Sample& a, Printer& p) {
    const auto number = [&](std::string_view name, uint32_t v) {
        p.put(name);
        p.number(v);
    };
    number("sample(probability=", a.probability);
    number(",collector_set_id=", a.collector_set);
    number(",obs_domain_id=", a.obs_domain);
    number(",obs_point_id=", a.obs_point);
    if (a.sampling_port != ofpp::none) {
        p.put(",sampling_port=");
        p.port(a.sampling_port);
    }
    if (a.direction == Sample::Direction::ingress) p.put(",ingress");
    if (a.direction == Sample::Direction::egress) p.put(",egress");
    p.put(")");
}

}  // namespace weft::action
