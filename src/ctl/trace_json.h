// SPDX-License-Identifier: Apache-2.0
// Traces as JSON: the same tree as the text.
#pragma once

#include "codec/json.h"
#include "pipeline/trace.h"

namespace weft::ctl {

/// {"kind": "table", "text": "...", "children": [...]}; kind: bridge, table, action, bucket, detail, warning,
/// error, plain.
codec::Json to_json(const obs::TraceNode& node);
/// The children of a root.
codec::JsonArray path_to_json(const obs::TraceNode& root);
/// {"flow", "path", "final_flow", "megaflow", "datapath_actions", "slow_path", "failure"}
codec::Json to_json(const pipeline::TraceStory& story);

}  // namespace weft::ctl
