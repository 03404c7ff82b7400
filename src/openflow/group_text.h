// SPDX-License-Identifier: Apache-2.0
// Groups as text: what ovs-ofctl add-group takes and dump-groups prints.
#pragma once

#include <string>
#include <string_view>

#include "action/text.h"
#include "base/result.h"
#include "openflow/group.h"

namespace weft::openflow {

/// `group_id=1,type=select,bucket=weight:5,actions=output:2`. Errors say what ovs-ofctl would.
Result<GroupMod> parse_group_mod(std::string_view text, GroupCommand command,
                                 const action::Names& names = {});
/// A number or `all`.
Result<uint32_t> parse_group_id(std::string_view text);

struct GroupTextOptions {
    bool bucket_ids = false;  ///< the version has them
    bool type = true;
    action::Names names = {};
};
std::string format_group(uint32_t id, const GroupSpec& spec, const GroupTextOptions& options = {});
/// A number, `all`, `first` or `last`.
std::string format_bucket_id(uint32_t id);

}  // namespace weft::openflow
