// SPDX-License-Identifier: Apache-2.0
// dpctl/normalize-actions: datapath actions sorted by the tags that packets have when they leave, so that two
// lists that do the same read the same.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weft::ctl {

Result<std::string> normalize_actions(std::string_view flow, std::string_view actions);

}  // namespace weft::ctl
