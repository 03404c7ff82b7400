// SPDX-License-Identifier: Apache-2.0
// Capture files of the newer form (draft-ietf-opsawg-pcapng), as tshark writes them.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace weft::sys {

bool is_pcapng(ByteSpan contents);
/// The packets of all sections and interfaces, as Ethernet; those of link types that are not read are passed
/// over, unless there are no others. `path` is for errors.
Result<std::vector<Bytes>> parse_pcapng(ByteSpan contents, const std::string& path);

}  // namespace weft::sys
