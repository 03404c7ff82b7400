// SPDX-License-Identifier: Apache-2.0
// ovs-ofctl(8).
#include "cli/ofctl/run.h"

int main(int argc, char** argv) { return weft::cli::ofctl::run(argc, argv); }
