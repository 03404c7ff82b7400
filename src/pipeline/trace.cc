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

std::vector<std::string> slow_reasons(uint32_t slow) {
    std::vector<std::string> out;
    for (uint32_t bit = 1; bit; bit <<= 1)
        if (slow & bit) out.emplace_back(slow_reason(bit));
    return out;
}

/// Translation gave up, as opposed to the rules' deciding to drop.
bool gave_up(Drop drop) { return drop > Drop::of_pipeline && drop <= last_error; }

}  // namespace

TraceStory tell(const Snapshot& snapshot, const Request& request, Translation& out,
                const action::dp::PortNaming& ports, const flow::PortNames* names) {
    TraceStory story;
    Request traced = request;
    traced.trace = &story.path;
    traced.trace_names = names != nullptr;
    out = translate(snapshot, traced);

    // The action set's output is part of the flow, though it is not shown.
    flow::FlowKey final_key = out.final_key;
    const bool same_output = final_key.pipe.actset_output == no_output;
    final_key.pipe.actset_output = request.key.pipe.actset_output;
    story.flow = flow::format_key(request.key, names);
    if (!same_output || final_key != request.key) story.final_flow = flow::format_key(final_key, names);
    story.megaflow = flow::format_match(for_people(request.key, out.mask), names);
    story.datapath_actions = action::dp::to_text(out.actions, ports);
    story.slow = slow_reasons(out.slow);
    if (out.failed && gave_up(out.drop)) story.failure = explanation(out.drop);
    return story;
}

std::string to_text(const TraceStory& s) {
    std::string text = "Flow: " + s.flow + '\n' + obs::format_trace(s.path) + "\nFinal flow: ";
    text += s.final_flow.empty() ? "unchanged" : s.final_flow;
    text += "\nMegaflow: " + s.megaflow + "\nDatapath actions: " + s.datapath_actions + '\n';
    if (!s.slow.empty()) text += "This flow is handled by the userspace slow path because it:\n";
    for (const std::string& reason : s.slow) text += "  - " + reason + '\n';
    if (!s.failure.empty()) text += "Translation failed (" + s.failure + "), packet is dropped.\n";
    return text;
}

std::string trace(const Snapshot& snapshot, const Request& request, Translation& out,
                  const action::dp::PortNaming& ports, const flow::PortNames* names) {
    return to_text(tell(snapshot, request, out, ports, names));
}

}  // namespace weft::pipeline
