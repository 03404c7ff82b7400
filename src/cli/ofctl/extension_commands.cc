// SPDX-License-Identifier: Apache-2.0
// Extensions: options of tunnels, tracked connections, IPFIX exporters.
#include "cli/ofctl/tool.h"
#include "openflow/ct_flush_text.h"
#include "openflow/tlv_table_text.h"

namespace weft::cli::ofctl {
namespace {

Result<> change_one(Tool& t, const std::string& target, openflow::Body body) {
    const auto client = TRY(t.open(target));
    const openflow::Body change[] = {std::move(body)};
    return t.change(*client, change);
}

Result<> dump_ipfix(Tool& t, Args args, bool of_flows) {
    const auto client = TRY(t.open(args[0]));
    return t.show_list(*client, openflow::IpfixRequest{of_flows}, "exporters");
}

}  // namespace

Result<> add_tlv_map(Tool& t, Args args) {
    return change_one(
        t, args[0], openflow::TlvTableMod{openflow::TlvCommand::add, TRY(openflow::parse_tlv_maps(args[1]))});
}

Result<> del_tlv_map(Tool& t, Args args) {
    openflow::TlvTableMod mod{.command = openflow::TlvCommand::clear};
    if (args.size() > 1) mod = {openflow::TlvCommand::remove, TRY(openflow::parse_tlv_maps(args[1]))};
    return change_one(t, args[0], std::move(mod));
}

Result<> dump_tlv_map(Tool& t, Args args) {
    const auto client = TRY(t.open(args[0]));
    return t.show_list(*client, openflow::TlvTableRequest{}, "tlv_maps");
}

Result<> ct_flush(Tool& t, Args args) {
    return change_one(t, args[0], TRY(openflow::parse_ct_flush(args.subspan(1))));
}

Result<> ct_flush_zone(Tool& t, Args args) {
    return change_one(t, args[0], openflow::CtFlush{.zone = TRY(openflow::parse_ct_zone(args[1]))});
}

Result<> dump_ipfix_bridge(Tool& t, Args args) { return dump_ipfix(t, args, false); }
Result<> dump_ipfix_flow(Tool& t, Args args) { return dump_ipfix(t, args, true); }

}  // namespace weft::cli::ofctl
