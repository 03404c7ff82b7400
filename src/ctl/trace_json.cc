// SPDX-License-Identifier: Apache-2.0
#include "ctl/trace_json.h"

namespace weft::ctl {

using codec::Json;
using codec::JsonArray;

namespace {

std::string_view kind_name(obs::TraceKind kind) {
    using enum obs::TraceKind;
    switch (kind) {
        case bridge:
            return "bridge";
        case table:
            return "table";
        case action:
            return "action";
        case bucket:
            return "bucket";
        case detail:
            return "detail";
        case warning:
            return "warning";
        case error:
            return "error";
        case plain:
            break;
    }
    return "plain";
}

}  // namespace

JsonArray path_to_json(const obs::TraceNode& root) {
    JsonArray out;
    out.reserve(root.children.size());
    for (const auto& child : root.children) out.push_back(to_json(child));
    return out;
}

Json to_json(const obs::TraceNode& node) {
    return Json::object(
        {{"kind", kind_name(node.kind)}, {"text", node.text}, {"children", Json(path_to_json(node))}});
}

Json to_json(const pipeline::TraceStory& s) {
    return Json::object({{"flow", s.flow},
                         {"path", Json(path_to_json(s.path))},
                         {"final_flow", s.final_flow.empty() ? s.flow : s.final_flow},
                         {"megaflow", s.megaflow},
                         {"datapath_actions", s.datapath_actions},
                         {"slow_path", JsonArray(s.slow.begin(), s.slow.end())},
                         {"failure", s.failure.empty() ? Json() : Json(s.failure)}});
}

}  // namespace weft::ctl
