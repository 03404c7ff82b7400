// SPDX-License-Identifier: Apache-2.0
// Shared objects that are loaded when they are first needed.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace weft::sys {

/// The address of `symbol` in the first of `files` that can be loaded; "$ORIGIN" is the program's folder. It
/// stays loaded.
Result<void*> plugin_symbol(std::span<const std::string> files, const char* symbol);

}  // namespace weft::sys
