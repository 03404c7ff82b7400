// SPDX-License-Identifier: Apache-2.0
// Whose is what outlives its process: a name that shows others that its owner lives.
#pragma once

#include <string>

#include "sys/fd.h"

namespace weft::sys {

/// Held as long as the descriptor lives, in the network namespace in which it was made; code EADDRINUSE if
/// another process has it.
Result<Fd> claim(const std::string& name);

}  // namespace weft::sys
