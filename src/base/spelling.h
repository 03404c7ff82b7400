// SPDX-License-Identifier: Apache-2.0
// Names as users misspell them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// In lower case, with _ for -: equal for names that users may take for the same.
std::string folded(std::string_view name);

/// "\nDid you mean "bridge"?" if one of `candidates` is close enough to what was written, else nothing: to be
/// appended to an error.
std::string hint(std::string_view written, const std::vector<std::string_view>& candidates);

}  // namespace weft
