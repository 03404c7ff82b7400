// SPDX-License-Identifier: Apache-2.0
// A peer may send anything, in any pieces and at any time, while events happen: the connection answers whole
// messages of its version, and ends at worst. Input: steps, each a byte of what happens and, for bytes
// received, their number.
#include "openflow/connection.h"
#include "openflow/connmgr.h"
#include "openflow/fake_switch.h"

using namespace weft;
using namespace weft::openflow;

namespace {

/// What came out, cut into messages.
void check_output(Bytes& stream) {
    size_t at = 0;
    while (stream.size() - at >= header_size) {
        const Header h = read_header(ByteSpan(stream).subspan(at));
        CHECK(h.length >= header_size);
        if (stream.size() - at < h.length) break;
        CHECK(h.version >= 1 && h.version <= 6);
        at += h.length;
    }
    CHECK(at == stream.size());
    stream.clear();
}

void change_a_flow(FlowUpdate::Event event, Connmgr& manager, Time now) {
    static const flow::SparseMatch match;
    static const action::Actions actions{action::Output{OfPort{2}}};
    const FlowEvent e{.event = event, .match = match, .actions = actions, .version = 2, .created = now};
    manager.send_flow_events({&e, 1}, {.connection = manager.next_id() % 2, .xid = 7}, now);
}

void happen(uint8_t what, Connmgr& manager, Time now) {
    switch (what % 6) {
        case 0:
            return manager.send_port_status({PortReason::modify, {.number = OfPort{1}, .name = "p1"}});
        case 3:
            return change_a_flow(FlowUpdate::Event::added, manager, now);
        case 4:
            return change_a_flow(FlowUpdate::Event::removed, manager, now);
        case 5:
            return manager.send_table_status({.reason = TableReason::vacancy_down});
        case 1:
            return manager.send_flow_removed({.reason = RemovedReason::idle_timeout});
        default:
            manager.send_packet_in({.message = {.packet = Bytes(60), .total_len = 60}}, now);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    FakeSwitch of_switch;
    Connmgr manager;
    Time now{};
    ByteReader in({data, size});
    Connection connection(
        {.service = (in.u8() & 1) != 0, .packet_ins = {.rate_pps = 10, .burst = 2, .capacity = 3}}, manager,
        of_switch, now);
    Bytes output;
    while (!in.empty()) {
        const uint8_t step = in.u8();
        if (step < 0x80) {
            connection.receive(in.take(std::min<size_t>(step + 1u, in.size())), now);
        } else if (step < 0xc0) {
            now += std::chrono::seconds(step & 0x3f);
        } else {
            happen(step, manager, now);
        }
        for (int turns = 0; turns < 100 && connection.run(now, 0); ++turns) {
        }
        CHECK(connection.next_deadline() > now);
        const Bytes more = connection.take_output();
        output.insert(output.end(), more.begin(), more.end());
        check_output(output);
    }
    return 0;
}
