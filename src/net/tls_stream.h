// SPDX-License-Identifier: Apache-2.0
// A Stream of TLS on a Stream of bytes.
#pragma once

#include <memory>
#include <string>

#include "net/tls_keys.h"

namespace weft::net {

enum class TlsRole : uint8_t { client, server };

struct TlsStreamOptions {
    std::string name;
    TlsRole role = TlsRole::client;
    std::string host;  ///< the client's idea of the server's name; empty or an address: not told
};

/// A client's is started once. A server's is started for its handshake, tells that by Events::connected, and
/// is started again by whoever takes it over then; until that nothing is received.
std::unique_ptr<Stream> make_tls_stream(loop::Loop& loop, std::unique_ptr<Stream> below,
                                        std::shared_ptr<TlsKeys> keys,
                                        std::shared_ptr<const TlsContext> context,
                                        const TlsStreamOptions& options);

}  // namespace weft::net
