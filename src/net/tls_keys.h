// SPDX-License-Identifier: Apache-2.0
// Keys and certificates in the form OpenSSL wants; for tls_*.cc only.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/tls.h"

namespace weft::net {

struct OpensslFree {
    void operator()(SSL_CTX* x) const { SSL_CTX_free(x); }
    void operator()(SSL* x) const { SSL_free(x); }
    void operator()(BIO* x) const { BIO_free(x); }
    void operator()(X509* x) const { X509_free(x); }
    void operator()(X509_STORE* x) const { X509_STORE_free(x); }
    void operator()(X509_STORE_CTX* x) const { X509_STORE_CTX_free(x); }
    void operator()(EVP_PKEY* x) const { EVP_PKEY_free(x); }
};
template <class T>
using Openssl = std::unique_ptr<T, OpensslFree>;

/// What OpenSSL complains of last; empties its list of errors.
std::string openssl_complaint();

/// One set of keys; immutable, kept by the connections that were made with it.
struct TlsContext {
    Openssl<SSL_CTX> ssl;
    TlsFiles files;
    bool learns = false;  ///< the peer's authority is still to be learnt
};

/// The keys in force. Resource type.
class TlsKeys {
  public:
    TlsKeys(TlsTransport::Files access, obs::LogModule log);

    void configure(TlsFiles files);
    /// Of the files as they are now. Files that have become bad (or are half written) leave what was in
    /// force.
    Result<std::shared_ptr<const TlsContext>> current();
    /// After a handshake with a peer whose authority is not known: checks that the peer shows it, and keeps
    /// it.
    Result<> learn(SSL* peer);
    /// For complaints about peers.
    obs::LogLimit& log_limit() { return limit_; }

  private:
    struct Texts {
        std::string private_key, certificate, ca_cert, peer_ca_cert;
        bool has_ca = false;
        bool operator==(const Texts&) const = default;
    };
    Result<> complete() const;
    Result<Texts> read() const;
    Result<std::shared_ptr<const TlsContext>> make(const Texts& texts) const;
    Result<> load(SSL_CTX* ssl, const Texts& texts) const;

    TlsTransport::Files access_;
    obs::LogModule log_;
    obs::LogLimit limit_;
    TlsFiles files_;
    std::optional<Texts> seen_;  ///< what was tried last
    std::shared_ptr<const TlsContext> context_;
};

}  // namespace weft::net
