// SPDX-License-Identifier: Apache-2.0
#include "openflow/flow_monitor_text.h"

#include <utility>

#include "flow/match_text.h"
#include "openflow/number_text.h"

namespace weft::openflow {
namespace {

constexpr std::pair<std::string_view, uint16_t> off_words[] = {
    {"!initial", monitor_flag::initial}, {"!add", monitor_flag::add},
    {"!delete", monitor_flag::remove},   {"!modify", monitor_flag::modify},
    {"!actions", monitor_flag::actions}, {"!own", monitor_flag::own}};

/// False: it is none of these.
bool turn_off(std::string_view word, FlowMonitor& m) {
    for (const auto& [name, bit] : off_words) {
        if (word != name) continue;
        m.flags = static_cast<uint16_t>(m.flags & ~bit);
        return true;
    }
    return false;
}

Result<bool> parse_limit(const flow::KeyValue& kv, const action::Names& names, FlowMonitor& m) {
    if (kv.key == "table") {
        const auto table = flow::parse_table(kv.value, names.tables);
        if (!table) return fail("unknown table " + quoted(kv.value));
        m.table = *table;
    } else if (kv.key == "out_port") {
        const auto port = flow::parse_port(kv.value, names.ports);
        if (!port) return fail(std::string(kv.value) + " is not a valid OpenFlow port");
        m.out_port = *port;
    } else if (kv.key == "out_group") {
        m.out_group = TRY(parse_u32(kv.value));
    } else {
        return false;
    }
    return true;
}

}  // namespace

Result<FlowMonitor> parse_flow_monitor(std::string_view text, const action::Names& names) {
    using namespace monitor_flag;
    FlowMonitor m{.flags = initial | add | remove | modify | actions | own};
    while (const auto kv = flow::next_key_value(text)) {
        if (turn_off(kv->text, m)) continue;
        if (TRY(parse_limit(*kv, names, m))) continue;
        if (TRY(flow::parse_match_word(*kv, names.ports, m.match))) continue;
        return fail(std::string(kv->text) + ": " + flow::unknown_word(*kv).message);
    }
    flow::finish_match(m.match);
    return m;
}

}  // namespace weft::openflow
