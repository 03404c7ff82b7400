// SPDX-License-Identifier: Apache-2.0
// Why a TLS connection failed, in words that name the remedy; for tls_*.cc only.
#pragma once

#include <string>

#include "net/tls_keys.h"

namespace weft::net {

/// Of the call to OpenSSL that has just failed; empties its list of errors.
std::string tls_complaint(SSL* ssl, const TlsFiles& files);

}  // namespace weft::net
