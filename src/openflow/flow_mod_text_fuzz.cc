// SPDX-License-Identifier: Apache-2.0
// Any text is a flow or refused; what was understood goes through the wire of every version without harm.
// Input: a byte of command, then flow syntax.
#include "openflow/flow_text.h"
#include "openflow/message.h"

using namespace weft;
using namespace weft::openflow;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr size_t max_text = 4096;
    if (size < 1 || size > max_text) return 0;
    const auto command = static_cast<FlowModCommand>(data[0] % 5);
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto mod = parse_flow_mod(text, command);
    if (!mod) {
        CHECK(!mod.error().message.empty());
        return 0;
    }
    for (int v = 1; v <= 6; ++v) {
        const Dialect d{.version = static_cast<Version>(v), .table_id = true};
        const Bytes message = encode({.xid = 1, .body = *mod}, d);
        if (message.size() > max_message) continue;
        (void)decode(message, d);  // 1.1 and newer may find match and actions inconsistent
    }
    FlowStats stats{
        .table = mod->table, .priority = mod->priority, .match = mod->match, .actions = mod->actions};
    const std::string printed = format_flow(stats);
    const auto back = parse_flow_mod(printed, FlowModCommand::add);
    if (back) CHECK(back->match == stats.match);
    return 0;
}
