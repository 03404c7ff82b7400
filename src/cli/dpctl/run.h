// SPDX-License-Identifier: Apache-2.0
// ovs-dpctl(8): datapaths, which are part of ovs-vswitchd here: its dpctl/* commands under their short names.
#pragma once

namespace weft::cli::dpctl {

/// Parses the command line and asks ovs-vswitchd; the exit code.
int run(int argc, char** argv);

}  // namespace weft::cli::dpctl
