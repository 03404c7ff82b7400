// SPDX-License-Identifier: Apache-2.0
#include "obs/trace.h"

namespace weft::obs {
namespace {

/// `column` is where an action at this depth starts; tables and details hang by one blank before their text.
void append(std::string& out, const TraceNode& node, size_t column) {
    const std::string indent(column, ' ');
    switch (node.kind) {
        case TraceKind::bridge:
            out += '\n' + indent + node.text + '\n' + indent + std::string(node.text.size(), '-') + '\n';
            for (const auto& child : node.children) append(out, child, column);
            return;
        case TraceKind::table:
            out += indent + node.text + '\n';
            for (const auto& child : node.children) append(out, child, column + 4);
            return;
        case TraceKind::detail:
            out += indent + " -> " + node.text + '\n';
            break;
        case TraceKind::action:
        case TraceKind::plain:
            out += indent + node.text + '\n';
            break;
    }
    for (const auto& child : node.children) append(out, child, column);
}

}  // namespace

std::string format_trace(const TraceNode& root) {
    std::string out;
    for (const auto& child : root.children) append(out, child, 0);
    return out;
}

}  // namespace weft::obs
