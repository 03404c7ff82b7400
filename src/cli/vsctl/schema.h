// SPDX-License-Identifier: Apache-2.0
// The schema of Open_vSwitch that this program was built with.
#pragma once

#include <string_view>

namespace weft::cli::vsctl {

std::string_view schema_text();

}  // namespace weft::cli::vsctl
