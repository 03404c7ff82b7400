// SPDX-License-Identifier: Apache-2.0
// `weft cleanup`: takes away what switches left in the kernel that are not there any more.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weft::cli::weft_tool {

inline constexpr std::string_view cleanup_usage =
    "cleanup [--dry-run] [--bpf-folder=FOLDER]\n"
    "      remove programs, maps, filters and internal ports that switches left which do not run\n";

/// Prints a line for each thing that it removed, or would.
Result<void> run_cleanup(const std::vector<std::string>& args);

}  // namespace weft::cli::weft_tool
