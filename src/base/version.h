// SPDX-License-Identifier: Apache-2.0
// Who we are, and whom we stand in for.
#pragma once

#include <string>
#include <string_view>

namespace weft {

/// The Open vSwitch release whose interfaces we keep; what ovs_version and --version report.
inline constexpr std::string_view ovs_version = "3.1.0";
/// Our own, from the top CMakeLists.txt.
std::string_view weft_version();
/// "ovs-vswitchd (Open vSwitch) 3.1.0\nWeft 0.1\n"
std::string version_text(std::string_view program);

}  // namespace weft
