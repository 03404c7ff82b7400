// SPDX-License-Identifier: Apache-2.0
// rule_set acl|fw|ipc RULES PACKETS SEED: a filter table in the manner of ClassBench, in flow syntax without
// actions, then one line `packet SRC DST SPORT DPORT` for each packet.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/address.h"
#include "flow/rule_sets.h"

int main(int argc, char** argv) {
    using namespace weft;
    if (argc != 5) {
        std::fprintf(stderr, "usage: rule_set acl|fw|ipc RULES PACKETS SEED\n");
        return 2;
    }
    const auto number = [&](int i) { return std::strtoul(argv[i], nullptr, 10); };
    const std::string_view name = argv[1];
    const auto kind = name == "acl"  ? flow::RuleSetKind::acl
                      : name == "fw" ? flow::RuleSetKind::fw
                                     : flow::RuleSetKind::ipc;
    const flow::RuleSet set = flow::make_rule_set(kind, number(2), number(3), number(4));
    for (const auto& rule : set.rules) std::printf("%s\n", rule.text().c_str());
    for (const auto& p : set.packets)
        std::printf("packet %s %s %u %u\n", format_ip4(Be32(p.src)).c_str(), format_ip4(Be32(p.dst)).c_str(),
                    p.src_port, p.dst_port);
    return 0;
}
