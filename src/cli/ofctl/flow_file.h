// SPDX-License-Identifier: Apache-2.0
// Files of flows, groups and packets: one a line, with comments, and a keyword in front that says what to do.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/ofctl/tool.h"

namespace weft::cli::ofctl {

/// Calls `take` for each line that has something; the error names file and line. "-" is standard input.
/// `failed` begins the error of a file that does not open.
Result<> read_lines(const std::string& file, const std::function<Result<>(std::string_view)>& take,
                    std::string_view failed = "open failed");

/// Takes the first word off the line if it is `keyword`.
bool take_keyword(std::string_view& line, std::string_view keyword);

/// Changes, and the formats that can say all of them.
struct Changes {
    std::vector<openflow::Body> list{};
    FlowFormats usable = FlowFormats::any;
};

/// A line that says what an action lacks without which only 1.0 can say the changes; empty if that is not so.
std::string hint_of_lack(const Changes& changes);

/// Without a command: a keyword (add, modify, delete ...) in front tells it, or it is `add`.
Result<> add_flow_text(std::string_view text, std::optional<openflow::FlowModCommand> command,
                       const action::Names& names, Changes& out);
Result<> add_group_text(std::string_view text, std::optional<openflow::GroupCommand> command,
                        const action::Names& names, Changes& out);
/// On stderr, if `asked` (what the parsers of flows say of it) is not empty.
void warn_of_what_cannot_apply(const std::string& asked, const flow::Match& kept);
/// Version 1.5 has all commands on buckets, and so has 1.0 by an extension.
FlowFormats usable_formats(const openflow::GroupMod& mod);

}  // namespace weft::cli::ofctl
