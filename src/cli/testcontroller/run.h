// SPDX-License-Identifier: Apache-2.0
// ovs-testcontroller(8).
#pragma once

namespace weft::cli::testcontroller {

int run(int argc, char** argv);

}  // namespace weft::cli::testcontroller
