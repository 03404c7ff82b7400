// SPDX-License-Identifier: Apache-2.0
// What ovs-ofctl says about itself, from the table of commands.
#pragma once

#include <string>

#include "cli/completion.h"
#include "cli/paths.h"

namespace weft::cli::ofctl {

std::string usage(const Paths& paths);
Completion completion(const Options& options);

}  // namespace weft::cli::ofctl
