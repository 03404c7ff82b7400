// SPDX-License-Identifier: Apache-2.0
// What the commands of dpctl/* have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ctl/context.h"

namespace weft::ctl {

/// A datapath that bridges use, or one that was made by dpctl/add-dp. Value type; valid within one command.
struct NamedDatapath {
    std::string name;  ///< "netdev@ovs-netdev"
    dp::Datapath* datapath = nullptr;
    bridge::Backer* backer = nullptr;  ///< null: no bridge uses it
};

/// All, in the order of their names.
std::vector<NamedDatapath> datapaths(const Context& c);
/// By its whole name or without the type; code ENODEV, or EAFNOSUPPORT for an unknown type.
Result<NamedDatapath> find_datapath(const Context& c, std::string_view name);
/// The datapath that the first argument names, or the only one there is if there are but `others` arguments.
Result<NamedDatapath> take_datapath(const Context& c, obs::CommandArgs& args, size_t others);

/// As ovs-vswitchd words errors of these commands.
std::unexpected<Error> fail_errno(const std::string& what, int code);

struct DpctlFlags {
    bool more = false, statistics = false, may_create = false, clear = false;
    std::optional<bool> names;  ///< none: what -m means
    bool show_names() const { return names.value_or(more); }
};
/// The options before the arguments, taken off; an unknown one is an error.
Result<DpctlFlags> take_flags(obs::CommandArgs& args);

}  // namespace weft::ctl
