// SPDX-License-Identifier: Apache-2.0
#include "pipeline/trace.h"

#include "flow/match_text.h"
#include "pipeline/action_set.h"

namespace weft::pipeline {

namespace {

/// As people know it: a packet without VLAN tags is not said to match their absence, which its Ethertype
/// implies in a datapath's flow.
flow::Match for_people(const flow::FlowKey& key, const flow::FlowMask& mask) {
    flow::Match m{key, mask};
    for (size_t i = 0; i < 2; ++i)
        if (!(key.packet.vlan[i].tci.host() & flow::vlan_present)) m.mask.packet.vlan[i] = {};
    m.normalize();
    return m;
}

const char* slow_reason(uint32_t bit) {
    namespace slow = action::dp::slow;
    switch (bit) {
        case slow::cfm:
            return "Consists of CFM packets.";
        case slow::bfd:
            return "Consists of BFD packets.";
        case slow::lacp:
            return "Consists of LACP packets.";
        case slow::stp:
            return "Consists of STP packets.";
        case slow::lldp:
            return "Consists of LLDP packets.";
        case slow::action:
            return "Uses action(s) not supported by datapath.";
        case slow::match:
            return "Needs more specific match than supported by datapath.";
        default:
            return "Sends \"packet-in\" messages to the OpenFlow controller.";
    }
}

std::string slow_text(uint32_t slow) {
    if (!slow) return {};
    std::string text = "This flow is handled by the userspace slow path because it:\n";
    for (uint32_t bit = 1; bit; bit <<= 1)
        if (slow & bit) text += std::string("  - ") + slow_reason(bit) + '\n';
    return text;
}

/// Translation gave up, as opposed to the rules' deciding to drop.
bool gave_up(Drop drop) { return drop > Drop::of_pipeline && drop <= last_error; }

}  // namespace

std::string trace(const Snapshot& snapshot, const Request& request, Translation& out,
                  const action::dp::PortNaming& ports, const flow::PortNames* names) {
    obs::TraceNode root;
    Request traced = request;
    traced.trace = &root;
    traced.trace_names = names != nullptr;
    out = translate(snapshot, traced);

    // The action set's output is part of the flow, though it is not shown.
    flow::FlowKey final_key = out.final_key;
    const bool same_output = final_key.pipe.actset_output == no_output;
    final_key.pipe.actset_output = request.key.pipe.actset_output;
    std::string text =
        "Flow: " + flow::format_key(request.key, names) + '\n' + obs::format_trace(root) + "\nFinal flow: ";
    text += same_output && final_key == request.key ? "unchanged" : flow::format_key(final_key, names);
    text += "\nMegaflow: " + flow::format_match(for_people(request.key, out.mask), names);
    text += "\nDatapath actions: " + action::dp::to_text(out.actions, ports) + '\n';
    text += slow_text(out.slow);
    if (gave_up(out.drop))
        text += "Translation failed (" + std::string(explanation(out.drop)) + "), packet is dropped.\n";
    return text;
}

}  // namespace weft::pipeline
