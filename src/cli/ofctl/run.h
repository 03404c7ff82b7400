// SPDX-License-Identifier: Apache-2.0
// ovs-ofctl(8).
#pragma once

namespace weft::cli::ofctl {

int run(int argc, char** argv);

}  // namespace weft::cli::ofctl
