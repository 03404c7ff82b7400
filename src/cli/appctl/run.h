// SPDX-License-Identifier: Apache-2.0
// ovs-appctl(8): sends one command to a running daemon.
#pragma once

namespace weft::cli::appctl {

/// Parses the command line and asks the daemon; the exit code: 1 if it could not be asked, 2 if it refused.
int run(int argc, char** argv);

}  // namespace weft::cli::appctl
