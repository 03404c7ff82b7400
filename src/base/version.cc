// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"

namespace weft {

std::string_view weft_version() { return WEFT_VERSION; }

std::string version_text(std::string_view program) {
    return std::string(program) + " (Open vSwitch) " + std::string(ovs_version) + "\nWeft " +
           std::string(weft_version()) + "\n";
}

}  // namespace weft
