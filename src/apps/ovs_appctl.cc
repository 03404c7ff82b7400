// SPDX-License-Identifier: Apache-2.0
// ovs-appctl(8).
#include "cli/appctl/run.h"

int main(int argc, char** argv) { return weft::cli::appctl::run(argc, argv); }
