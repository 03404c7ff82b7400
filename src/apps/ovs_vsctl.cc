// SPDX-License-Identifier: Apache-2.0
// ovs-vsctl(8).
#include "cli/vsctl/commands.h"

int main(int argc, char** argv) { return weft::cli::vsctl::run(argc, argv); }
