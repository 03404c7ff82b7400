// SPDX-License-Identifier: Apache-2.0
// Output queues: set_queue, pop_queue, and OpenFlow 1.0's enqueue.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Action> decode_set(Body& b) { return SetQueue{b.in.u32()}; }
OfResult<Action> decode_set_nicira(Body& b) {
    b.in.skip(2);
    return decode_set(b);
}
OfResult<Action> decode_pop(Body&) { return PopQueue{}; }

OfResult<Action> decode_enqueue(Body& b) {
    Enqueue a{OfPort{b.in.u16()}};
    b.in.skip(6);
    a.queue = b.in.u32();
    if (a.port >= ofpp::max && a.port != ofpp::in_port && a.port != ofpp::local)
        return refuse(OfError::bac_bad_out_port);
    return a;
}

constexpr std::array rows{
    WireForm{0, 11, v10, v10, 16, false, decode_enqueue},
    WireForm{0, 21, v11, v15, 8, false, decode_set},
    WireForm{nicira_vendor, 4, v10, v10, 16, false, decode_set_nicira},
    WireForm{nicira_vendor, 5, v10, v15, 16, false, decode_pop},
};

}  // namespace

forms::Rows forms::queue() { return rows; }

void encode(const SetQueue& a, Encoder& e) {
    const auto open = e.version() == v10 ? e.nicira(4) : e.standard(21);
    if (e.version() == v10) e.out().zeros(2);
    e.out().u32(a.queue);
}

void encode(const PopQueue&, Encoder& e) {
    const auto open = e.nicira(5);
    e.out().zeros(6);
}

void encode(const Enqueue& a, Encoder& e) {
    if (e.version() > v10) {
        encode(SetQueue{a.queue}, e);
        encode(Output{a.port}, e);
        encode(PopQueue{}, e);
        return;
    }
    const auto open = e.standard(11);
    e.out().u16(a.port.value);
    e.out().zeros(6);
    e.out().u32(a.queue);
}

// Text.

namespace {

Result<> parse_set(const TextArgs& a, Actions& out) {
    out.emplace_back(SetQueue{static_cast<uint32_t>(TRY(parse_number(a.args, 0xffffffff)))});
    return {};
}

Result<> parse_pop(const TextArgs&, Actions& out) {
    out.emplace_back(PopQueue{});
    return {};
}

/// enqueue:PORT:QUEUE or enqueue(PORT,QUEUE)
Result<> parse_enqueue(const TextArgs& a, Actions& out) {
    const size_t at = a.args.find_first_of(":,");
    if (at == std::string_view::npos)
        return fail("\"enqueue\" syntax is \"enqueue:PORT:QUEUE\" or \"enqueue(PORT,QUEUE)\"");
    const auto port = flow::parse_port(a.args.substr(0, at), a.names.ports);
    if (!port) return fail(std::string(a.args.substr(0, at)) + ": enqueue to unknown port");
    const uint64_t queue = TRY(parse_number(a.args.substr(at + 1), 0xffffffff));
    out.emplace_back(Enqueue{*port, static_cast<uint32_t>(queue)});
    return {};
}

constexpr std::array names_of_queue{TextForm{"set_queue", parse_set}, TextForm{"pop_queue", parse_pop},
                                    TextForm{"enqueue", parse_enqueue}};

}  // namespace

texts::Rows texts::queue() { return names_of_queue; }

void print(const SetQueue& a, Printer& p) { p.put("set_queue:" + std::to_string(a.queue)); }
void print(const PopQueue&, Printer& p) { p.put("pop_queue"); }
void print(const Enqueue& a, Printer& p) {
    p.put("enqueue:");
    p.port(a.port);
    p.put(":" + std::to_string(a.queue));
}

}  // namespace weft::action
