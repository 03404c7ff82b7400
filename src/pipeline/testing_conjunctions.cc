// SPDX-License-Identifier: Apache-2.0
// Random conjunctive flows, and settings of the tables that lookups go by.
#include "pipeline/testing.h"

namespace weft::pipeline::testing {

using flow::FieldId;

/// One way to meet a condition: by ports, addresses or the kind of packet, so that lookups fail in every
/// stage.
std::string Generator::clause_match() {
    const auto address = [&] { return "10." + std::to_string(prng_.below(2)) + ".0.1"; };
    switch (prng_.below(7)) {
        case 0:
            return "in_port=" + std::to_string(1 + prng_.below(8));
        case 1:
            return "ip,nw_src=" + address() + "/" + std::to_string(6 + prng_.below(27));
        case 2:
            return "ip,nw_dst=" + address() + "/" + std::to_string(6 + prng_.below(27));
        case 3:
            return "ipv6,ipv6_dst=2001:db8::2/" + std::to_string(118 + prng_.below(11));
        case 4:
            return "tcp,tp_dst=" + std::to_string(prng_.one_in(2) ? 80 : 443);
        case 5:
            return "tcp,tp_src=0x" + std::string(prng_.one_in(2) ? "0/0xfffe" : "8000/0x8000");
        default:
            return prng_.one_in(2) ? "ip" : "arp";
    }
}

std::string Generator::clause_rule(uint64_t id, uint64_t clause, uint64_t n_clauses) {
    const std::string k = "conjunction(" + std::to_string(id) + "," + std::to_string(clause) + "/" +
                          std::to_string(n_clauses) + ")";
    // One flow may serve two conjunctions.
    const std::string more =
        prng_.one_in(4) ? ",conjunction(" + std::to_string(1 + prng_.below(4)) + ",1/2)" : "";
    return "table=" + std::to_string(id % 2) + ",priority=" + std::to_string(1 + (id + prng_.one_in(6)) % 4) +
           "," + clause_match() + ",actions=" + k + more;
}

std::vector<std::string> Generator::conjunction() {
    std::vector<std::string> out;
    const uint64_t id = 1 + prng_.below(4), n_clauses = 2 + prng_.below(2);
    for (uint64_t clause = 1; clause <= n_clauses; ++clause)
        for (uint64_t i = 0, n = 1 + prng_.below(4); i < n; ++i)
            out.push_back(clause_rule(id, clause, n_clauses));
    kind_ = Kind::any;
    out.push_back("table=" + std::to_string(id % 2) + ",priority=" + std::to_string(prng_.below(5)) +
                  ",conj_id=" + std::to_string(id) + ",actions=output:" + std::to_string(1 + prng_.below(8)));
    return out;
}

void Generator::set_prefixes(Tables& tables) {
    constexpr FieldId fields[] = {FieldId::ip_src, FieldId::ip_dst, FieldId::ipv6_src, FieldId::ipv6_dst,
                                  FieldId::tun_id};
    for (uint8_t table = 0; table < n_tables_used; ++table) {
        if (prng_.one_in(2)) continue;
        TableConfig config = tables.config(table);
        config.prefixes.clear();
        for (const FieldId id : fields)
            if (config.prefixes.size() < 3 && prng_.one_in(2)) config.prefixes.push_back(id);
        tables.set_config(table, config);
    }
}

}  // namespace weft::pipeline::testing
