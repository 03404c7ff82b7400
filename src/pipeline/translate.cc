// SPDX-License-Identifier: Apache-2.0
#include "pipeline/translate.h"

#include "pipeline/translator.h"

namespace weft::pipeline {

Translation translate(const Snapshot& snapshot, const Request& request) {
    Translation out;
    Translator(snapshot, request, out).run();
    return out;
}

void translate(const Snapshot& snapshot, const Request& request, Translation& out) {
    out.clear();
    Translator(snapshot, request, out).run();
}

void Translation::clear() {
    actions.clear();
    mask = {};
    reads.clear();
    effects.clear();
    punts.clear();
    recircs.clear();
    drop = Drop::none;
    failed = false;
    drop_site = {};
    slow = 0;
    final_key = {};
    nf_output.reset();
}

std::optional<BridgeId> key_in_bridge(const Snapshot& snapshot, const flow::FlowKey& datapath_key,
                                      flow::FlowKey& out) {
    if (const uint32_t id = datapath_key.packet.recirc_id.host()) {
        const RecircPtr recirculation = snapshot.recirc().find(id);
        if (!recirculation) return std::nullopt;
        out = datapath_key;
        out.set_in_port(recirculation->state.in_port);
        for (const auto& [number, bridge] : snapshot.config().bridges)
            if (bridge->uuid == recirculation->state.bridge) return number;
        return std::nullopt;
    }
    const auto at = snapshot.config().find(datapath_key.dp_in_port());
    if (!at) return std::nullopt;
    out = datapath_key;
    out.set_in_port(at->port);
    return at->bridge;
}

flow::Match megaflow(const flow::FlowKey& datapath_key, const Translation& translation) {
    flow::Match m{datapath_key, translation.mask};
    m.normalize();
    return m;
}

}  // namespace weft::pipeline
