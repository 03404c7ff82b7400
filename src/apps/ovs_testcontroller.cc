// SPDX-License-Identifier: Apache-2.0
// ovs-testcontroller(8).
#include "cli/testcontroller/run.h"

int main(int argc, char** argv) { return weft::cli::testcontroller::run(argc, argv); }
