// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace weft::cli::weft_tool {

/// main() of weft.
int run(int argc, char** argv);

}  // namespace weft::cli::weft_tool
