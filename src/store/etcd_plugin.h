// SPDX-License-Identifier: Apache-2.0
// Loads weft-etcd.so, so that only who needs it has gRPC.
#pragma once

#include "base/result.h"
#include "store/etcd_client.h"

namespace weft::store::etcd {

/// The plugin lies beside the program, or where `make install` puts it.
Result<std::unique_ptr<Client>> load_client(ClientOptions options);

}  // namespace weft::store::etcd
